/** Webhooks over the cluster's own network, answered by pods of the image kubarium/admission-webhook. */
import { describe, expect, it } from 'vitest';
import { ConfigMapResource } from '../api/core/config-map.ts';
import { DeploymentResource } from '../api/apps/deployment.ts';
import { Client } from '../client/client.ts';
import { nodeUser } from './identities.ts';
import { User } from './testing/user.ts';

const server = (args: string[], replicas = 1) => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: hook}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: hook}}
  template:
    metadata: {labels: {app: hook}}
    spec: {containers: [{name: hook, image: kubarium/admission-webhook, args: ${JSON.stringify(args)}}]}
---
apiVersion: v1
kind: Service
metadata: {name: hook}
spec: {selector: {app: hook}, ports: [{port: 443, targetPort: 8443}]}
`;
const configuration = (kind: string, resources: string, timeoutSeconds = 5) => `
apiVersion: admissionregistration.k8s.io/v1
kind: ${kind}WebhookConfiguration
metadata: {name: hook}
webhooks:
- name: hook.x.dev
  clientConfig: {service: {namespace: default, name: hook, path: /${kind.toLowerCase()}}}
  rules: [{apiGroups: ["*"], apiVersions: ["*"], operations: [CREATE], resources: [${resources}]}]
  namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: default}}
  sideEffects: None
  admissionReviewVersions: [v1]
  timeoutSeconds: ${timeoutSeconds}
`;

const start = (args: string[], kind: string, resources: string, replicas = 1) => {
  const user = new User();
  user.apply(server(args, replicas));
  user.wait(60);
  user.apply(configuration(kind, resources));
  return user;
};
const map = { metadata: { name: 'm', namespace: 'default' } };

describe('webhooks in pods', () => {
  it('refuse', () => {
    const user = start(['require-label team', 'warn think twice'], 'Validating', 'configmaps');
    expect(() => user.client.create(ConfigMapResource, map)).toThrow(
      'admission webhook "hook.x.dev" denied the request: label "team" is required',
    );
    const labelled = { metadata: { ...map.metadata, labels: { team: 'a' } } };
    expect(user.client.create(ConfigMapResource, labelled).metadata.name).toBe('m');
  });

  it('change', () => {
    const user = start(['add-label team=a', 'inject-sidecar proxy=nginx:1.25'], 'Mutating', 'deployments');
    user.apply(
      `{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: {containers: [{name: c, image: nginx}]}}}}`,
    );
    const made = user.client.get(DeploymentResource, { namespace: 'default', name: 'web' });
    expect(made.metadata.labels).toEqual({ team: 'a' });
    expect(made.spec.template.spec?.containers.map(({ name, imagePullPolicy }) => [name, imagePullPolicy])).toEqual([
      ['c', 'Always'],
      ['proxy', 'IfNotPresent'],
    ]);
  });

  it.each([
    [['deny no'], 0, 'Post "https://hook.default.svc:443/validating?timeout=5s": no endpoints available for service "hook"'],
    [['delay 9'], 1, 'Post "https://hook.default.svc:443/validating?timeout=5s": context deadline exceeded'],
    [['status 500'], 1, 'an error on the server ("refused by rule") has prevented the request from succeeding'],
  ])('with %j and %d pods', (args, replicas, why) => {
    const user = start(args, 'Validating', 'configmaps', replicas);
    expect(() => user.client.create(ConfigMapResource, map)).toThrow(
      `Internal error occurred: failed calling webhook "hook.x.dev": failed to call webhook: ${why}`,
    );
  });
});

describe('kubelets', () => {
  const user = new User();
  user.apply(`
{apiVersion: v1, kind: ConfigMap, metadata: {name: used}}
---
{apiVersion: v1, kind: ConfigMap, metadata: {name: other}}
---
apiVersion: v1
kind: Pod
metadata: {name: p}
spec: {nodeName: node-1, containers: [{name: c, image: "busybox:1.36", command: [sleep, infinity], envFrom: [{configMapRef: {name: used}}]}]}
`);
  user.wait(30);
  const kubelet = (node: string) => new Client(user.cluster.apiServer, nodeUser(node), 'kubelet');
  const read = (node: string, name: string) => () => kubelet(node).get(ConfigMapResource, { namespace: 'default', name });

  it('read what their pods refer to, and nothing else', () => {
    expect(read('node-1', 'used')().metadata.name).toBe('used');
    expect(read('node-1', 'other')).toThrow(
      'configmaps "other" is forbidden: User "system:node:node-1" cannot get resource "configmaps" in API group "" in the namespace "default": no relationship found between node \'node-1\' and this object',
    );
    expect(read('node-2', 'used')).toThrow("no relationship found between node 'node-2' and this object");
    expect(() => kubelet('node-1').list(ConfigMapResource)).toThrow('can only read namespaced object of this type');
  });

  it('write only what is theirs', () => {
    const request = (resource: string, name: string, body: object, namespace?: string) => () =>
      user.cluster.apiServer.request({
        verb: 'patch',
        group: '',
        version: 'v1',
        resource,
        name,
        ...(namespace && { namespace }),
        patchType: 'merge',
        body,
        user: nodeUser('node-1'),
        userAgent: 'kubelet',
      });
    const labels = (own: object) => ({ metadata: { labels: own } });
    expect(request('nodes', 'node-2', labels({ a: 'b' }))).toThrow(
      'nodes "node-2" is forbidden: node "node-1" is not allowed to modify node "node-2"',
    );
    expect(request('nodes', 'node-1', labels({ 'node-restriction.kubernetes.io/a': 'b' }))).toThrow(
      'is not allowed to modify labels: node-restriction.kubernetes.io/a',
    );
    expect(request('nodes', 'node-1', { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } })).toThrow(
      'node "node-1" is not allowed to modify taints',
    );
    expect(request('nodes', 'node-1', labels({ mine: 'yes' }))).not.toThrow();
    expect(request('pods', 'p', labels({ a: 'b' }), 'default')).toThrow('cannot patch resource "pods"');
  });
});
