/**
 * Tokens of service accounts: three parts like a JWT's, with the claims of bound tokens (`k8s.io/kubernetes/pkg/serviceaccount/{jwt,claims}.go`).
 * Differs: the signature is a checksum under the cluster's secret, not RSA: nothing outside the simulation has to trust it.
 */
import { decodeBase64Text, encodeBase64 } from '../../apimachinery/base64.ts';
import { fnv32a } from '../../apimachinery/safe-encode.ts';
import { ServiceAccountResource } from '../../api/core/service-account.ts';
import type { UserInfo } from '../../api/request.ts';
import type { ObjectReader } from '../admission/admission.ts';

const ISSUER = 'https://kubernetes.default.svc.cluster.local';
const HEADER = { alg: 'RS256', kid: 'kubarium' };

/** What a token says. */
export interface TokenRequestClaims {
  namespace: string;
  account: string;
  accountUid: string;
  audiences: readonly string[];
  /** Virtual time, ms. */
  issuedAt: number;
  /** Virtual time, ms; absent for tokens that do not expire: those in Secrets. */
  expiresAt?: number;
  pod?: { name: string; uid: string };
}

interface Claims {
  sub?: string;
  exp?: number;
  aud?: string[];
  'kubernetes.io'?: { namespace?: string; serviceaccount?: { name?: string; uid?: string }; pod?: { name: string; uid: string } };
}

const toUrlSafe = (text: string): string => text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const encode = (value: object): string => toUrlSafe(encodeBase64(JSON.stringify(value)));

function decode(part: string): unknown {
  const standard = part.replaceAll('-', '+').replaceAll('_', '/');
  const text = decodeBase64Text(standard.padEnd(Math.ceil(standard.length / 4) * 4, '='));
  try {
    return text === undefined ? undefined : (JSON.parse(text) as unknown);
  } catch {
    return undefined;
  }
}

/** Issues and checks tokens of one cluster. */
export class ServiceAccountTokens {
  readonly #secret: string;

  constructor(secret: string) {
    this.#secret = secret;
  }

  issue({ namespace, account, accountUid, audiences, issuedAt, expiresAt, pod }: TokenRequestClaims): string {
    const seconds = Math.floor(issuedAt / 1000);
    const claims = {
      aud: audiences.length > 0 ? audiences : [ISSUER],
      ...(expiresAt !== undefined && { exp: Math.floor(expiresAt / 1000) }),
      iat: seconds,
      iss: ISSUER,
      'kubernetes.io': { namespace, serviceaccount: { name: account, uid: accountUid }, ...(pod && { pod }) },
      nbf: seconds,
      sub: `system:serviceaccount:${namespace}:${account}`,
    };
    const signed = `${encode(HEADER)}.${encode(claims)}`;
    return `${signed}.${this.#signature(signed)}`;
  }

  /** Whose token it is; undefined when it was not issued here, has expired, or its account is gone or was made anew. */
  userOf(token: string, reader: ObjectReader, now: number): UserInfo | undefined {
    const [header = '', body = '', signature] = token.split('.');
    if (signature !== this.#signature(`${header}.${body}`)) return undefined;
    const { exp, ...claims } = (decode(body) ?? {}) as Claims;
    const { namespace = '', serviceaccount, pod } = claims['kubernetes.io'] ?? {};
    if (exp !== undefined && exp * 1000 <= now) return undefined;
    const account = reader.get(ServiceAccountResource, namespace, serviceaccount?.name ?? '');
    if (account === undefined || account.metadata.uid !== serviceaccount?.uid) return undefined;
    const extra = pod && { 'authentication.kubernetes.io/pod-name': [pod.name], 'authentication.kubernetes.io/pod-uid': [pod.uid] };
    return {
      name: `system:serviceaccount:${namespace}:${account.metadata.name}`,
      uid: account.metadata.uid,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
      ...(extra && { extra }),
    };
  }

  #signature(text: string): string {
    const parts = Array.from({ length: 8 }, (_, index) => fnv32a(`${index}${this.#secret}${text}`).toString(16).padStart(8, '0'));
    return toUrlSafe(encodeBase64(parts.join('')));
  }
}
