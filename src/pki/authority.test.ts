import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CertificateAuthority } from './authority.ts';
import { PURPOSE } from './certificate.ts';
import { NO_NAMES, subject } from './names.ts';
import type { Name } from './names.ts';
import { firstPemBlock } from './pem.ts';

const NOW = Date.UTC(2026, 0, 1, 10);
const YEAR_MS = 365 * 86_400_000;
const authority = new CertificateAuthority('kubernetes', '7', NOW);
const own = new X509Certificate(authority.certificate);

const pairFor = (of: Name, purpose: string = PURPOSE.clientAuth, names = NO_NAMES) =>
  authority.keyPair({ subject: of, purpose, names, notBefore: NOW - 300_000, notAfter: NOW + YEAR_MS });

describe('a certificate authority', () => {
  it('certifies itself for ten years', () => {
    expect(own.subject).toBe('CN=kubernetes');
    expect(own.issuer).toBe('CN=kubernetes');
    expect([own.validFrom, own.validTo]).toEqual(['Jan  1 09:55:00 2026 GMT', 'Dec 30 10:00:00 2035 GMT']);
    expect(own.ca).toBe(true);
    expect(own.subjectAltName).toBe('DNS:kubernetes');
    expect(own.verify(own.publicKey)).toBe(true);
  });

  it('is the same again from the same seed and moment, byte by byte, and another from another seed', () => {
    expect(new CertificateAuthority('kubernetes', '7', NOW).certificate).toBe(authority.certificate);
    expect(new CertificateAuthority('kubernetes', '8', NOW).certificate).not.toBe(authority.certificate);
    expect(own.fingerprint256).toBe('D7:9F:BF:05:B0:15:7E:66:79:96:34:C1:A2:83:FD:FE:9F:24:BF:C3:A4:D5:13:84:43:98:5B:27:2E:1B:F2:71');
  });

  it('issues certificates that others verify', () => {
    const { key, certificate } = pairFor(subject('kubernetes-admin', ['kubeadm:cluster-admins', 'Zürich']));
    const issued = new X509Certificate(certificate);
    expect(issued.checkIssued(own)).toBe(true);
    expect(issued.verify(own.publicKey)).toBe(true);
    expect(issued.checkPrivateKey(createPrivateKey(key))).toBe(true);
    expect(issued.publicKey.equals(createPublicKey(key))).toBe(true);
    expect(issued.ca).toBe(false);
    expect(issued.keyUsage).toEqual([PURPOSE.clientAuth]);
    expect(issued.subject).toBe('O=Zürich + O=kubeadm:cluster-admins\nCN=kubernetes-admin');
  });

  it('writes names that clients check', () => {
    const names = { ...NO_NAMES, dns: ['localhost', 'kubernetes.default.svc'], ips: [Uint8Array.of(10, 96, 0, 1)] };
    const issued = new X509Certificate(pairFor(subject('kube-apiserver'), PURPOSE.serverAuth, names).certificate);
    expect(issued.checkHost('kubernetes.default.svc')).toBe('kubernetes.default.svc');
    expect(issued.checkHost('example.com')).toBeUndefined();
    expect(issued.checkIP('10.96.0.1')).toBe('10.96.0.1');
  });

  it('recognizes its own certificates and no others', () => {
    const bytes = firstPemBlock(pairFor(subject('jane', ['dev'])).certificate)!.bytes;
    expect(authority.recognize(bytes)).toMatchObject({ notBefore: NOW - 300_000, notAfter: NOW + YEAR_MS, purposes: [PURPOSE.clientAuth] });
    expect(new CertificateAuthority('kubernetes', '8', NOW).recognize(bytes)).toBeUndefined();
    expect(new CertificateAuthority('other', '7', NOW).recognize(bytes)).toBeUndefined();
    for (const at of [40, 90, bytes.length - 1]) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(authority.recognize(changed)).toBeUndefined();
    }
    expect(authority.recognize(Uint8Array.of(1, 2, 3))).toBeUndefined();
  });
});
