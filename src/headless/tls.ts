/** HTTPS in front of the apiserver, and the kubeconfig of whoever administers it (kubeadm's admin.conf and super-admin.conf in one). */
import { chmodSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import type { ServerOptions } from 'node:https';
import { TLSSocket } from 'node:tls';
import { stringify } from 'yaml';
import { StatusError } from '../apimachinery/status.ts';
import type { UserInfo } from '../api/request.ts';
import { certifiedUser } from '../apiserver/authentication/client-certificates.ts';
import type { CertifiedUser } from '../apiserver/authentication/client-certificates.ts';
import { adminKeyPair, apiServerKeyPair, authorityOf } from '../cluster/certificate-authority.ts';
import type { Period } from '../cluster/certificate-authority.ts';
import type { Cluster } from '../cluster/cluster.ts';

const CLUSTER = 'kubernetes';
/** Users of kubeadm's files, with their groups; the first one is the current one. */
const ADMINS = { 'kubernetes-admin': 'kubeadm:cluster-admins', 'kubernetes-super-admin': 'system:masters' };
const ANONYMOUS: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/**
 * Valid by the cluster's clock and by the host's, by which clients look.
 * Differs: kubeadm's certificates live a year; where the two clocks are apart, these live longer by as much.
 */
function period(cluster: Cluster): Period {
  const host = Date.now();
  return { from: Math.min(cluster.sim.now, host), until: Math.max(cluster.sim.now, host) };
}

const authority = (cluster: Cluster) => authorityOf(cluster.sim, cluster.apiServer.reader);

/** Options of the HTTPS server: the apiserver's key and certificate; clients are asked for certificates, which are judged later. */
export function serverOptions(cluster: Cluster): ServerOptions {
  const node = [...cluster.nodes.values()].find(({ plan }) => plan.controlPlane);
  const ip = Uint8Array.from(node === undefined ? [] : node.plan.ip.split('.').map(Number));
  const { key, certificate } = apiServerKeyPair(authority(cluster), node?.name ?? 'control-plane', ip, period(cluster));
  return { key, cert: certificate, ca: authority(cluster).certificate, requestCert: true, rejectUnauthorized: false };
}

/** What was found out about the certificate of a connection; null: it is none of ours. */
const judged = new WeakMap<TLSSocket, CertifiedUser | null>();

/** What a connection itself says about who sends its requests. */
export interface ConnectionIdentity {
  /** Named by a valid client certificate. */
  certified?: UserInfo;
  /** Who sends a request that names nobody. Throws 401 for a client certificate that is not accepted. */
  otherwise(): UserInfo;
}

/** Reads a connection. Whoever comes without TLS is the administrator, as behind `kubectl proxy`; see `identityOf`. */
export function connectionIdentity(cluster: Cluster, { socket }: IncomingMessage): ConnectionIdentity | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const certificate = socket.getPeerCertificate().raw as Uint8Array | undefined;
  if (certificate === undefined) return { otherwise: () => ANONYMOUS };
  let found = judged.get(socket);
  if (found === undefined) {
    found = certifiedUser(new Uint8Array(certificate), authority(cluster)) ?? null;
    judged.set(socket, found);
  }
  const { now } = cluster.sim;
  if (found !== null && found.notBefore <= now && now <= found.notAfter) return { certified: found.user, otherwise: () => ANONYMOUS };
  return {
    otherwise: () => {
      throw new StatusError(401, 'Unauthorized', 'Unauthorized');
    },
  };
}

/** Writes a kubeconfig, readable for its owner only. Over plain HTTP it names nothing but the server. */
export function writeKubeconfig(file: string, cluster: Cluster, port: number, tls: boolean): void {
  const server = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  const names = Object.keys(ADMINS).slice(0, tls ? undefined : 1);
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: CLUSTER, cluster: { ...(tls && { 'certificate-authority-data': base64(authority(cluster).certificate) }), server } },
    ],
    users: Object.entries(ADMINS).flatMap(([name, group]) => {
      if (!names.includes(name)) return [];
      if (!tls) return [{ name, user: {} }];
      const { certificate, key } = adminKeyPair(authority(cluster), name, group, period(cluster));
      return [{ name, user: { 'client-certificate-data': base64(certificate), 'client-key-data': base64(key) } }];
    }),
    contexts: names.map((name) => ({ name: `${name}@${CLUSTER}`, context: { cluster: CLUSTER, user: name } })),
    'current-context': `${names[0] ?? ''}@${CLUSTER}`,
    preferences: {},
  };
  writeFileSync(file, stringify(config, { lineWidth: 0 }), { mode: 0o600 });
  chmodSync(file, 0o600);
}

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
