/** HTTPS with client certificates, as kubectl uses it with a kubeconfig. */
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import type { RequestOptions } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { adminKeyPair, authorityOf } from '../cluster/certificate-authority.ts';
import { Cluster } from '../cluster/cluster.ts';
import { CertificateAuthority } from '../pki/authority.ts';
import { serve } from './server.ts';
import { writeKubeconfig } from './tls.ts';

const cluster = new Cluster({ seed: 7, layout: { workers: 1 } });
const folder = mkdtempSync(join(tmpdir(), 'kubarium-'));
const DAY_MS = 86_400_000;
let port = 0;
let close: () => void = () => undefined;

beforeAll(async () => {
  cluster.boot(600_000);
  ({ port, close } = await serve(cluster, 0, () => void cluster.sim.runUntil(cluster.sim.now + 1000), { tls: true }));
  writeKubeconfig(join(folder, 'config'), cluster, port, true);
});
afterAll(() => {
  close();
  rmSync(folder, { recursive: true });
});

const authority = () => authorityOf(cluster.sim, cluster.apiServer.reader);

/** One request; the peer's certificate must hold. */
function call(
  path: string,
  options: RequestOptions = {},
  body?: object,
): Promise<{ status: number; json: Record<string, unknown>; peer: X509Certificate | undefined }> {
  return new Promise((resolve, reject) => {
    const headers = { Accept: 'application/json', 'Content-Type': 'application/json', ...options.headers };
    const sent = httpsRequest(
      { host: '127.0.0.1', port, path, ca: authority().certificate, agent: false, ...options, headers },
      (response) => {
        const peer = (response.socket as unknown as { getPeerX509Certificate(): X509Certificate | undefined }).getPeerX509Certificate();
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, json: JSON.parse(text) as Record<string, unknown>, peer }));
      },
    );
    sent.on('error', reject);
    sent.end(body && JSON.stringify(body));
  });
}

const REVIEW = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
async function whoAmI(options: RequestOptions) {
  const { status, json } = await call('/apis/authentication.k8s.io/v1/selfsubjectreviews', { ...options, method: 'POST' }, REVIEW);
  return status === 201 ? (json.status as { userInfo: Record<string, unknown> }).userInfo : status;
}

/** A client certificate of some authority. */
function credentials(of: CertificateAuthority, user: string, group: string, from = cluster.sim.now, until = from) {
  const { key, certificate } = adminKeyPair(of, user, group, { from, until });
  return { key, cert: certificate };
}
const token = async (): Promise<string> => {
  const path = '/api/v1/namespaces/default/serviceaccounts/default/token';
  const admin = credentials(authority(), 'a', 'system:masters');
  const { json } = await call(
    path,
    { ...admin, method: 'POST' },
    { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  );
  return (json.status as { token: string }).token;
};

describe('HTTPS', () => {
  it("serves with the apiserver's certificate", async () => {
    const { status, peer } = await call('/version');
    expect(status).toBe(200);
    expect(peer?.subject).toBe('CN=kube-apiserver');
    expect(peer?.subjectAltName).toBe(
      'DNS:control-plane, DNS:kubernetes, DNS:kubernetes.default, DNS:kubernetes.default.svc, DNS:kubernetes.default.svc.cluster.local, DNS:localhost, IP Address:10.96.0.1, IP Address:192.168.0.10, IP Address:127.0.0.1',
    );
  });

  it('knows a user by the certificate, and what they may do', async () => {
    const jane = credentials(authority(), 'jane', 'dev');
    const info = await whoAmI(jane);
    const id = new X509Certificate(jane.cert).fingerprint256.replaceAll(':', '').toLowerCase();
    expect(info).toEqual({
      username: 'jane',
      groups: ['dev', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${id}`] },
    });
    const pods = '/api/v1/namespaces/default/pods';
    expect(await call(pods, jane)).toMatchObject({
      status: 403,
      json: { message: 'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"' },
    });
    const rbac = 'rbac.authorization.k8s.io';
    const binding = {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata: { name: 'dev' },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'view' },
      subjects: [{ apiGroup: rbac, kind: 'Group', name: 'dev' }],
    };
    const admin = credentials(authority(), 'kubernetes-admin', 'kubeadm:cluster-admins');
    const made = await call(`/apis/${rbac}/v1/namespaces/default/rolebindings`, { ...admin, method: 'POST' }, binding);
    expect(made.status).toBe(201);
    expect((await call(pods, jane)).status).toBe(200);
  });

  it('takes whoever shows nothing for anonymous', async () => {
    expect(await call('/api/v1/pods')).toMatchObject({
      status: 403,
      json: { message: expect.stringContaining('User "system:anonymous"') },
    });
  });

  it.each([
    ['of another authority', () => credentials(new CertificateAuthority('kubernetes', 'other', 0), 'root', 'system:masters')],
    ['that is not valid yet', () => credentials(authority(), 'root', 'system:masters', cluster.sim.now + DAY_MS)],
    ['that has expired', () => credentials(authority(), 'root', 'system:masters', cluster.sim.now - 500 * DAY_MS)],
  ])('refuses a certificate %s', async (_name, made) => {
    expect(await whoAmI(made())).toBe(401);
  });

  it('asks for the certificate first, then for the token', async () => {
    const headers = { Authorization: `Bearer ${await token()}` };
    expect(await whoAmI({ headers })).toMatchObject({ username: 'system:serviceaccount:default:default' });
    expect(await whoAmI({ headers, ...credentials(authority(), 'jane', 'dev') })).toMatchObject({ username: 'jane' });
    const foreign = credentials(new CertificateAuthority('kubernetes', 'other', 0), 'root', 'system:masters');
    expect(await whoAmI({ headers, ...foreign })).toMatchObject({ username: 'system:serviceaccount:default:default' });
    expect(await whoAmI({ headers: { Authorization: 'Bearer wrong' } })).toBe(401);
  });
});

describe('the kubeconfig', () => {
  it('is for its owner only, and lets a client in', async () => {
    const file = join(folder, 'config');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const config = new KubeConfig();
    config.loadFromFile(file);
    expect(config.getCurrentContext()).toBe('kubernetes-admin@kubernetes');
    const { items } = await config.makeApiClient(CoreV1Api).listNode();
    expect(items.map(({ metadata }) => metadata?.name)).toEqual(['control-plane', 'node-1']);
  });

  it('names nothing but the server over plain HTTP', () => {
    const file = join(folder, 'plain');
    writeKubeconfig(file, cluster, 8001, false);
    expect(parse(readFileSync(file, 'utf8'))).toMatchObject({
      clusters: [{ name: 'kubernetes', cluster: { server: 'http://127.0.0.1:8001' } }],
      users: [{ name: 'kubernetes-admin', user: {} }],
      'current-context': 'kubernetes-admin@kubernetes',
    });
  });
});
