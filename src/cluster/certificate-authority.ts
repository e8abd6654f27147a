/**
 * The cluster's certificate authority, as `kubeadm init` makes it (/etc/kubernetes/pki/ca.crt and ca.key), and the certificates that kubeadm
 * signs with it. The keys follow from the cluster's seed, the validity from the moment at which kube-system came to be: what is computed
 * again after a reload is the same.
 */
import { NamespaceResource } from '../api/core/namespace.ts';
import type { ObjectReader } from '../apiserver/admission/admission.ts';
import { BACKDATE_MS, CERTIFICATE_LIFE_MS, CertificateAuthority } from '../pki/authority.ts';
import type { KeyPair } from '../pki/authority.ts';
import { PURPOSE } from '../pki/certificate.ts';
import { NO_NAMES, subject } from '../pki/names.ts';
import type { Simulation } from '../sim/simulation.ts';

const SERVICE_IP = Uint8Array.of(10, 96, 0, 1);
const LOCALHOST = Uint8Array.of(127, 0, 0, 1);

const known = new WeakMap<Simulation, CertificateAuthority>();

/** The authority; computed once, which takes some milliseconds. */
export function authorityOf(sim: Simulation, reader: ObjectReader): CertificateAuthority {
  let authority = known.get(sim);
  if (authority === undefined) {
    const since = reader.get(NamespaceResource, undefined, 'kube-system')?.metadata.creationTimestamp;
    authority = new CertificateAuthority('kubernetes', sim.seed, since === undefined ? sim.now : Date.parse(since));
    known.set(sim, authority);
  }
  return authority;
}

/** From when until when kubeadm's certificates are valid, ms: a year. */
export interface Period {
  readonly from: number;
  readonly until: number;
}

/** Key and certificate of the apiserver (`KubeadmCertAPIServer`). `nodeName` and `nodeIp`: its machine's. */
export function apiServerKeyPair(authority: CertificateAuthority, nodeName: string, nodeIp: Uint8Array, { from, until }: Period): KeyPair {
  const service = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'];
  return authority.keyPair({
    subject: subject('kube-apiserver'),
    purpose: PURPOSE.serverAuth,
    names: { ...NO_NAMES, dns: [nodeName, ...service, 'localhost'], ips: [SERVICE_IP, nodeIp, LOCALHOST] },
    notBefore: from - BACKDATE_MS,
    notAfter: until + CERTIFICATE_LIFE_MS,
  });
}

/** Key and certificate of a user by whom kubeadm administers: admin.conf's and super-admin.conf's. */
export function adminKeyPair(authority: CertificateAuthority, user: string, group: string, { from, until }: Period): KeyPair {
  return authority.keyPair({
    subject: subject(user, [group]),
    purpose: PURPOSE.clientAuth,
    names: NO_NAMES,
    notBefore: from - BACKDATE_MS,
    notAfter: until + CERTIFICATE_LIFE_MS,
  });
}
