/** Certificates in a whole cluster: asked for, approved, issued, refused and cleared away. */
import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CertificateSigningRequestResource } from '../api/certificates/certificate-signing-request.ts';
import { ConfigMapResource } from '../api/core/config-map.ts';
import { ClusterRoleBindingResource } from '../api/rbac/cluster-role-binding.ts';
import type { CertificateSigningRequest, CertificateSigningRequestSpec } from '../api/generated/types.ts';
import type { UserInfo } from '../api/request.ts';
import { encodeBase64 } from '../apimachinery/base64.ts';
import { certifiedUser } from '../apiserver/authentication/client-certificates.ts';
import { CertificateAuthority } from '../pki/authority.ts';
import { requestPem } from '../pki/testing/requests.ts';
import { CLUSTER_ADMIN } from './admin.ts';
import { authorityOf } from './certificate-authority.ts';
import { nodeUser } from './identities.ts';
import { startControlPlane } from './testing/control-plane.ts';
import { reloaded } from './testing/reload.ts';
import { User } from './testing/user.ts';

const user = new User({ layout: { workers: 1 } });
const { apiServer, sim } = user.cluster;
const ca = () => user.client.get(ConfigMapResource, { namespace: 'default', name: 'kube-root-ca.crt' }).data?.['ca.crt'] ?? '';
const CLIENT = 'kubernetes.io/kube-apiserver-client';
const JANE = requestPem({ commonName: 'jane', organizations: ['dev', 'ops'] });

/** Sends a request from outside, as kubectl does. */
function send(who: UserInfo, verb: 'create' | 'update', name: string, body: object, subresource?: string) {
  const { group, version, plural: resource } = CertificateSigningRequestResource;
  const request = { verb, group, version, resource, name, subresource, body, user: who, userAgent: 'kubectl', external: true };
  return sim.perform('you', verb, name, () => apiServer.request(request)).object as CertificateSigningRequest;
}

function ask(name: string, pemText: string, spec: Partial<CertificateSigningRequestSpec> = {}, who = CLUSTER_ADMIN) {
  const whole = { request: encodeBase64(pemText), signerName: CLIENT, usages: ['client auth'], ...spec };
  const kind = { apiVersion: 'certificates.k8s.io/v1', kind: 'CertificateSigningRequest' };
  return send(who, 'create', name, { ...kind, metadata: { name }, spec: whole });
}

const read = (name: string) => user.client.get(CertificateSigningRequestResource, { name });
const issuedTo = (name: string) => new X509Certificate(Buffer.from(read(name).status?.certificate ?? '', 'base64'));

function approve(name: string, who = CLUSTER_ADMIN) {
  const approved = { type: 'Approved', status: 'True', reason: 'KubectlApprove', message: 'yes' };
  send(who, 'update', name, { ...read(name), status: { conditions: [approved] } }, 'approval');
  user.wait(1);
}

describe('the authority of a cluster', () => {
  it('is published in each namespace and survives a reload', () => {
    expect(new X509Certificate(ca())).toMatchObject({ subject: 'CN=kubernetes', ca: true });
    const again = reloaded(user.cluster);
    expect(authorityOf(again.sim, again.apiServer.reader).certificate).toBe(ca());
  });

  it('is put back where somebody changes it', () => {
    const key = { namespace: 'default', name: 'kube-root-ca.crt' };
    const before = ca();
    user.client.patch(ConfigMapResource, key, 'merge', { data: { 'ca.crt': 'x' } });
    user.wait(1);
    expect(ca()).toBe(before);
  });
});

describe('a request for a certificate', () => {
  it('is answered when it is approved, with what was asked for', () => {
    expect(ask('jane', JANE, { expirationSeconds: 86_400 }).spec).toMatchObject({ username: 'kubernetes-admin' });
    user.wait(5);
    expect(read('jane').status?.certificate).toBeUndefined();
    const approvedAt = sim.now;
    approve('jane');
    const certificate = issuedTo('jane');
    expect(certificate.subject).toBe('O=dev + O=ops\nCN=jane');
    expect(certificate.checkIssued(new X509Certificate(ca()))).toBe(true);
    expect(certificate.verify(new X509Certificate(ca()).publicKey)).toBe(true);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    const [from, until] = [certificate.validFromDate, certificate.validToDate].map((date) => (date.getTime() - approvedAt) / 1000);
    expect(from).toBeCloseTo(-300, -1);
    expect(until).toBeCloseTo(86_400 - 300, -1);
  });

  it('makes its owner a user, for as long as it is valid', () => {
    const known = certifiedUser(new Uint8Array(issuedTo('jane').raw), authorityOf(sim, apiServer.reader));
    const id = `X509SHA256=${issuedTo('jane').fingerprint256.replaceAll(':', '').toLowerCase()}`;
    expect(known?.user).toEqual({
      name: 'jane',
      groups: ['dev', 'ops', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [id] },
    });
    expect(known?.notAfter).toBe(issuedTo('jane').validToDate.getTime());
  });

  it.each<[string, number | undefined, number]>([
    ['a year, counted from five minutes ago', undefined, 365 * 86_400 - 300],
    ['no longer than a year', 3 * 365 * 86_400, 365 * 86_400 - 300],
    ['an hour from now on', 3600, 3600],
  ])('that may live %s', (name, expirationSeconds, expected) => {
    const id = `life-${name.length}`;
    ask(id, JANE, { expirationSeconds });
    const approvedAt = sim.now;
    approve(id);
    expect((issuedTo(id).validToDate.getTime() - approvedAt) / 1000).toBeCloseTo(expected, -1);
  });

  it('of the wrong usages fails', () => {
    ask('server', JANE, { usages: ['server auth'] });
    approve('server');
    expect(read('server').status?.conditions?.map(({ type, reason, message }) => [type, reason, message])).toEqual([
      ['Approved', 'KubectlApprove', 'yes'],
      ['Failed', 'SignerValidationFailure', 'invalid usage for client certificate: server auth'],
    ]);
  });

  it('by another signer is left to that one', () => {
    ask('foreign', JANE, { signerName: 'example.com/mine' });
    approve('foreign');
    expect(read('foreign').status?.certificate).toBeUndefined();
  });

  it('for system:masters is refused', () => {
    expect(() => ask('root', requestPem({ commonName: 'root', organizations: ['system:masters'] }))).toThrow(
      'certificatesigningrequests.certificates.k8s.io "root" is forbidden: use of kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed',
    );
  });

  it('is approved only by whom the signer allows', () => {
    ask('mary', requestPem({ commonName: 'mary' }));
    const mary = { name: 'mary', groups: ['system:authenticated'] };
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'approver' };
    user.apply(`
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: approver}
rules: [{apiGroups: [certificates.k8s.io], resources: [certificatesigningrequests/approval], verbs: [update]}]
`);
    user.client.create(ClusterRoleBindingResource, {
      metadata: { name: 'mary' },
      roleRef,
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'mary' }],
    });
    expect(() => approve('mary', mary)).toThrow(`user not permitted to approve requests with signerName "${CLIENT}"`);
  });
});

describe('a kubelet', () => {
  const own = { signerName: 'kubernetes.io/kube-apiserver-client-kubelet', usages: ['digital signature', 'client auth'] };
  const kubelet = requestPem({ commonName: 'system:node:node-1', organizations: ['system:nodes'] });

  it('gets its next client certificate without a person', () => {
    ask('node-1', kubelet, own, nodeUser('node-1'));
    user.wait(2);
    expect(read('node-1').status?.conditions?.[0]).toMatchObject({ type: 'Approved', reason: 'AutoApproved' });
    expect(issuedTo('node-1').subject).toBe('O=system:nodes\nCN=system:node:node-1');
  });

  it('gets none for another node', () => {
    ask('node-2', kubelet, own, nodeUser('node-2'));
    user.wait(2);
    expect(read('node-2').status?.conditions).toBeUndefined();
  });

  it('gets none to serve with that names no machine', () => {
    ask('serving', kubelet, { signerName: 'kubernetes.io/kubelet-serving', usages: ['digital signature', 'server auth'] });
    approve('serving');
    expect(read('serving').status?.conditions?.at(-1)).toMatchObject({ type: 'Failed', message: 'DNS or IP subjectAltName is required' });
  });

  it('gets a certificate to serve with once a person approves', () => {
    const serving = requestPem({ commonName: 'system:node:node-1', organizations: ['system:nodes'], dns: ['node-1'] });
    ask('serving-2', serving, {
      signerName: 'kubernetes.io/kubelet-serving',
      usages: ['digital signature', 'key encipherment', 'server auth'],
    });
    user.wait(2);
    expect(read('serving-2').status?.conditions).toBeUndefined();
    approve('serving-2');
    expect(issuedTo('serving-2').subjectAltName).toBe('DNS:node-1');
  });
});

describe('old requests', () => {
  it('are cleared away: answered ones within hours, others within two days', () => {
    const authority = new CertificateAuthority('kubernetes', '7', 0);
    const plane = startControlPlane({ authority: () => authority });
    const names = () => plane.client.list(CertificateSigningRequestResource).items.map(({ metadata }) => metadata.name);
    const wait = (hours: number) => plane.sim.runUntil(plane.sim.now + hours * 3_600_000 + 60_000);
    const spec = { request: encodeBase64(JANE), signerName: CLIENT, usages: ['client auth'] };
    for (const name of ['answered', 'waiting']) plane.client.create(CertificateSigningRequestResource, { metadata: { name }, spec });
    const answered = plane.client.get(CertificateSigningRequestResource, { name: 'answered' });
    const denied = { ...answered, status: { conditions: [{ type: 'Denied', status: 'True' }] } };
    plane.client.updateSubresource(CertificateSigningRequestResource, answered.metadata, 'approval', denied);
    wait(0);
    expect(names()).toEqual(['answered', 'waiting']);
    wait(2);
    expect(names()).toEqual(['waiting']);
    wait(24);
    expect(names()).toEqual([]);
  });
});
