/**
 * A certificate authority with a P-256 key, as `kubeadm init` makes the cluster's (`k8s.io/client-go/util/cert.NewSelfSignedCACert`,
 * `cmd/kubeadm/app/util/pkiutil`). Everything about it follows from a text and a moment.
 */
import { KEY_USAGE, readCertificate, writeCertificate } from './certificate.ts';
import type { Certificate, CertificateTemplate } from './certificate.ts';
import { encodeName, subject } from './names.ts';
import type { AlternativeNames, Name } from './names.ts';
import { DerError, sameBytes, utf8 } from './der.ts';
import { sha256Of, signatureProblem, SigningKey } from './keys.ts';
import { pem } from './pem.ts';

const MINUTE_MS = 60_000;
const YEAR_MS = 365 * 24 * 60 * MINUTE_MS;
/** Clocks differ: what is certified now was valid five minutes ago (`CertificateBackdate`). */
export const BACKDATE_MS = 5 * MINUTE_MS;
/** `--cluster-signing-duration`, and kubeadm's `CertificateValidityPeriod`. */
export const CERTIFICATE_LIFE_MS = YEAR_MS;
const AUTHORITY_YEARS = 10;
const KEY_ID_BYTES = 20;
const SERIAL_BYTES = 8;

/** A key with its certificate, as PEM. */
export interface KeyPair {
  readonly key: string;
  readonly certificate: string;
}

/** What `CertificateAuthority.keyPair` certifies. */
export interface KeyPairRequest {
  readonly subject: Name;
  readonly purpose: string;
  readonly names: AlternativeNames;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Signs certificates, and recognizes its own. */
export class CertificateAuthority {
  readonly #seed: string;
  readonly #key: SigningKey;
  readonly #subject: Name;
  readonly #keyId: Uint8Array;
  readonly #issuer: Uint8Array;
  readonly notAfter: number;
  /** Its own certificate, PEM. */
  readonly certificate: string;

  /** `seed`: what the key follows from; `createdAt`: ms. */
  constructor(commonName: string, seed: string, createdAt: number) {
    this.#seed = seed;
    this.#key = new SigningKey(`${seed}/${commonName}`);
    this.#subject = subject(commonName);
    this.#issuer = encodeName(this.#subject);
    // Any bytes that follow from the key do (RFC 7093); Go 1.24 takes the SHA-1 hash of the point.
    this.#keyId = sha256Of(this.#key.publicKey).slice(0, KEY_ID_BYTES);
    this.notAfter = createdAt + AUTHORITY_YEARS * YEAR_MS;
    const own = {
      serial: this.#serial(commonName),
      subject: this.#subject,
      publicKey: this.#key.publicKey,
      notBefore: createdAt - BACKDATE_MS,
      notAfter: this.notAfter,
      keyUsages: [KEY_USAGE.keyEncipherment, KEY_USAGE.digitalSignature, KEY_USAGE.certSign],
      purposes: [],
      names: { dns: [commonName], emails: [], ips: [], uris: [] },
      subjectKeyId: this.#keyId,
    };
    this.certificate = pem('CERTIFICATE', writeCertificate(own, { subject: this.#subject, key: this.#key }));
  }

  /** A certificate, PEM. */
  issue(template: CertificateTemplate): string {
    return pem('CERTIFICATE', writeCertificate(template, { subject: this.#subject, key: this.#key, keyId: this.#keyId }));
  }

  /** A key of its own for a component or a user, and the certificate of it. The same request gives the same pair. */
  keyPair({ purpose, ...request }: KeyPairRequest): KeyPair {
    const name = `${request.subject.map(({ value }) => value).join('/')}/${purpose}`;
    const key = new SigningKey(`${this.#seed}/${name}`);
    const certificate = this.issue({
      ...request,
      serial: this.#serial(name),
      publicKey: key.publicKey,
      keyUsages: [KEY_USAGE.keyEncipherment, KEY_USAGE.digitalSignature],
      purposes: [purpose],
    });
    return { key: key.pem, certificate };
  }

  /** Reads a certificate that this authority signed; undefined for any other bytes. Whether it is valid now is not asked. */
  recognize(bytes: Uint8Array): Certificate | undefined {
    try {
      const certificate = readCertificate(bytes);
      const isOurs = sameBytes(certificate.issuer, this.#issuer) && signatureProblem(certificate, this.#key.publicKey) === undefined;
      return isOurs ? certificate : undefined;
    } catch (error) {
      if (error instanceof DerError) return undefined;
      throw error;
    }
  }

  #serial(name: string): Uint8Array {
    const bytes = sha256Of(utf8(`${this.#seed}/serial/${name}`)).slice(0, SERIAL_BYTES);
    bytes[0] = (bytes[0] ?? 0) & 0x7f;
    return bytes;
  }
}
