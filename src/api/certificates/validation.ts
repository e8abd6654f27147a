/** Rules of CertificateSigningRequests (`pkg/apis/certificates/validation/validation.go`). */
import { decodeBase64 } from '../../apimachinery/base64.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import { DNS1123_SUBDOMAIN_MAX_LENGTH, DNS1123_LABEL_MAX_LENGTH, isDNS1123Label, isDNS1123Subdomain } from '../../apimachinery/names.ts';
import { duplicate, forbiddenField, invalidValue, notSupported, required, tooLong } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import { readCertificate } from '../../pki/certificate.ts';
import { DerError } from '../../pki/der.ts';
import { signatureProblem } from '../../pki/keys.ts';
import { firstPemBlock } from '../../pki/pem.ts';
import { invalidGo } from '../validation/common.ts';
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '../generated/types.ts';
import { parseRequest, pemBlockOf } from './request-text.ts';

const USAGES = [
  'any',
  'cert sign',
  'client auth',
  'code signing',
  'content commitment',
  'crl sign',
  'data encipherment',
  'decipher only',
  'digital signature',
  'email protection',
  'encipher only',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'key agreement',
  'key encipherment',
  'microsoft sgc',
  'netscape sgc',
  'ocsp signing',
  's/mime',
  'server auth',
  'signing',
  'timestamping',
];
const LEAST_SECONDS = 600;
const LEGACY_SIGNER = 'kubernetes.io/legacy-unknown';
/** Domain, slash, and a namespace with a name. */
const SIGNER_MAX_LENGTH = DNS1123_SUBDOMAIN_MAX_LENGTH + 1 + DNS1123_SUBDOMAIN_MAX_LENGTH + 1 + DNS1123_LABEL_MAX_LENGTH;
const DECISIONS = ['Approved', 'Denied'];
const FINAL = [...DECISIONS, 'Failed'];
const CONDITIONS = 'status.conditions';

/** Findings on a new request. */
export function validateSigningRequest({ spec }: CertificateSigningRequest): FieldError[] {
  const errors: FieldError[] = [];
  const problem = requestProblem(spec?.request);
  if (problem !== undefined) errors.push(invalidGo('spec.request', goBytes(spec?.request), problem));
  if (!spec?.usages?.length) errors.push(required('spec.usages'));
  spec?.usages?.forEach((usage, index, all) => {
    if (!USAGES.includes(usage)) errors.push(notSupported(`spec.usages[${index}]`, usage, USAGES));
    if (all.indexOf(usage) < index) errors.push(duplicate(`spec.usages[${index}]`, usage));
  });
  errors.push(...validateSignerName(spec?.signerName ?? ''));
  if (spec?.expirationSeconds !== undefined && spec.expirationSeconds < LEAST_SECONDS)
    errors.push(
      invalidValue('spec.expirationSeconds', spec.expirationSeconds, 'may not specify a duration less than 600 seconds (10 minutes)'),
    );
  return errors;
}

function requestProblem(request: string | undefined): string | undefined {
  try {
    const parsed = parseRequest(request);
    return signatureProblem(parsed, parsed.publicKey);
  } catch (error) {
    if (error instanceof DerError) return error.message;
    throw error;
  }
}

/** Bytes as Go's %#v prints them. */
function goBytes(base64: string | undefined): string {
  if (base64 === undefined) return '[]byte(nil)';
  return `[]byte{${Array.from(decodeBase64(base64) ?? [], (byte) => `0x${byte.toString(16)}`).join(', ')}}`;
}

/** `apivalidation.ValidateSignerName`: "domain.com/path". */
function validateSignerName(name: string): FieldError[] {
  const field = 'spec.signerName';
  if (name === '') return [required(field)];
  if (name === LEGACY_SIGNER) return [invalidValue(field, name, 'the legacy signerName is not allowed via this API version')];
  const [domain = '', path = '', ...further] = name.split('/');
  if (!name.includes('/') || further.length > 0)
    return [invalidValue(field, name, 'must be a fully qualified domain and path of the form "example.com/signer-name"')];
  const errors: FieldError[] = [];
  const check = (whole: string, rule: (label: string) => readonly string[]) => {
    for (const label of whole.split('.'))
      for (const message of rule(label)) errors.push(invalidValue(field, whole, `validating label ${JSON.stringify(label)}: ${message}`));
  };
  if (domain.length > DNS1123_SUBDOMAIN_MAX_LENGTH) errors.push(tooLong(field, DNS1123_SUBDOMAIN_MAX_LENGTH));
  check(domain, isDNS1123Label);
  if (!domain.includes('.')) errors.push(invalidValue(field, domain, 'should be a domain with at least two segments separated by dots'));
  check(path, isDNS1123Subdomain);
  if (name.length > SIGNER_MAX_LENGTH) errors.push(tooLong(field, SIGNER_MAX_LENGTH));
  return errors;
}

/** Findings on an update of the status: signers issue certificates and give up, but do not decide. */
export function validateSigningRequestStatus(next: CertificateSigningRequest, old: CertificateSigningRequest): FieldError[] {
  const errors = conditionProblems(next.status?.conditions ?? []);
  const certificate = next.status?.certificate ?? '';
  const before = old.status?.certificate ?? '';
  const problem = certificate === before || certificate === '' ? undefined : certificateProblem(certificate);
  if (problem !== undefined) errors.push(invalidValue('status.certificate', '<certificate data>', problem));
  for (const type of FINAL) {
    const [now, then] = [next, old].map(({ status }) => (status?.conditions ?? []).filter((condition) => condition.type === type));
    if ((now?.length ?? 0) < (then?.length ?? 0))
      errors.push(forbiddenField(CONDITIONS, `updates may not remove a condition of type ${JSON.stringify(type)}`));
    else if (DECISIONS.includes(type) && !deepEqual(now, then)) {
      // Differs: without the difference, which upstream prints below.
      const verb = now?.length === then?.length ? 'modify' : 'add';
      errors.push(forbiddenField(CONDITIONS, `updates may not ${verb} a condition of type ${JSON.stringify(type)}`));
    }
  }
  if (certificate !== before && before !== '')
    errors.push(forbiddenField('status.certificate', 'updates may not modify existing certificate content'));
  return errors;
}

function conditionProblems(conditions: readonly CertificateSigningRequestCondition[]): FieldError[] {
  return conditions.flatMap(({ type, status }, index) => {
    const errors: FieldError[] = [];
    const allowed = FINAL.includes(type) ? ['True'] : ['False', 'True', 'Unknown'];
    if (!type) errors.push(required(`${CONDITIONS}[${index}].type`));
    if (!status) errors.push(required(`${CONDITIONS}[${index}].status`));
    else if (!allowed.includes(status)) errors.push(notSupported(`${CONDITIONS}[${index}].status`, status, allowed));
    if (conditions.findIndex((other) => other.type === type) < index) errors.push(duplicate(`${CONDITIONS}[${index}].type`, type));
    return errors;
  });
}

/** What is wrong with the text of issued certificates: nothing but certificates in PEM. */
function certificateProblem(base64: string): string | undefined {
  let block = pemBlockOf(base64);
  if (block === undefined) return 'must contain at least one CERTIFICATE PEM block';
  for (; block !== undefined; block = firstPemBlock(block.rest)) {
    if (block.type !== 'CERTIFICATE') return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(block.type)}`;
    if (block.hasHeaders) return 'no PEM block headers are permitted';
    try {
      readCertificate(block.bytes);
    } catch (error) {
      if (error instanceof DerError) return error.message;
      throw error;
    }
  }
  return undefined;
}
