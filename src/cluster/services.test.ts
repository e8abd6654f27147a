/** Names and virtual addresses of Services, as programs in containers meet them. */
import { describe, expect, it } from 'vitest';
import { ServiceResource } from '../api/core/service.ts';
import { DeploymentResource } from '../api/apps/deployment.ts';
import { PodResource } from '../api/core/pod.ts';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { User, isReady } from './testing/user.ts';

const CLIENT = `
apiVersion: v1
kind: Pod
metadata: {name: client}
spec:
  containers: [{name: c, image: "busybox:1.36", command: [sleep, infinity]}]
`;

const web = (name: string, replicas: number, service = '') => `
apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      containers: [{name: c, image: "registry.k8s.io/e2e-test-images/agnhost:2.53", args: [netexec], ports: [{containerPort: 8080}]}]
---
apiVersion: v1
kind: Service
metadata: {name: ${name}}
spec:
  selector: {app: ${name}}
  ports: [{port: 80, targetPort: 8080}]
  ${service}
`;

describe('services', () => {
  it('are found by name in every form, and all endpoints get their share', () => {
    const user = new User();
    user.apply(`${CLIENT}---${web('web', 3)}`);
    user.wait(60);
    expect(user.pods().filter(isReady)).toHaveLength(4);
    for (const name of ['web', 'web.default', 'web.default.svc', 'web.default.svc.cluster.local', 'web.default.svc.cluster.local.']) {
      const { stdout, stderr, exitCode } = user.exec('client', ['wget', '-qO-', `http://${name}/hostname`]);
      expect([name, stderr, exitCode]).toEqual([name, '', 0]);
      expect(stdout).toMatch(/^web-/);
    }
    const script = 'i=0; while [ $i -lt 60 ]; do wget -qO- http://web/hostname; echo; i=$((i+1)); done';
    const hosts = user.exec('client', ['sh', '-c', script]).stdout.trim().split('\n');
    const counts = user.pods({ app: 'web' }).map(({ metadata }) => hosts.filter((host) => host === metadata.name).length);
    expect(hosts).toHaveLength(60);
    expect(Math.min(...counts)).toBeGreaterThan(8);
    const { clusterIP = '' } = user.client.get(ServiceResource, { namespace: 'default', name: 'web' }).spec;
    expect(user.exec('client', ['nslookup', 'web']).stdout).toContain(`Name:\tweb.default.svc.cluster.local\nAddress: ${clusterIP}`);
    expect(user.exec('client', ['nslookup', 'nothing']).exitCode).toBe(1);
    expect(user.exec('client', ['wget', '-qO-', 'http://nothing']).stderr).toContain("bad address 'nothing'");
  });

  it('without a ready endpoint refuse the connection', () => {
    const user = new User();
    user.apply(`${CLIENT}---${web('web', 0)}`);
    user.wait(30);
    expect(user.exec('client', ['wget', '-qO-', 'http://web']).stderr).toContain('Connection refused');
  });

  it('of type NodePort answer at every node', () => {
    const user = new User();
    user.apply(`${CLIENT}---${web('web', 1, 'type: NodePort')}`);
    user.wait(30);
    const port = user.client.get(ServiceResource, { namespace: 'default', name: 'web' }).spec.ports?.[0]?.nodePort ?? 0;
    for (const { plan } of user.cluster.nodes.values()) {
      expect(user.exec('client', ['wget', '-qO-', `http://${plan.ip}:${port}/hostname`]).stdout).toMatch(/^web-/);
    }
  });

  it('leave host ports to the pods that have them', () => {
    const user = new User();
    user.apply(`${CLIENT}---
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {nodeName: node-2, containers: [{name: c, image: "nginx:1.25", ports: [{containerPort: 80, hostPort: 8080}]}]}
`);
    user.wait(30);
    const get = (host: string) => user.exec('client', ['wget', '-qO-', `http://${host}:8080`]);
    const address = (node: string) => user.cluster.nodes.get(node)?.plan.ip ?? '';
    expect(get(address('node-2')).stdout).toContain('Welcome to nginx');
    expect(get(address('node-1')).stderr).toContain('Connection refused');
    user.client.delete(PodResource, { namespace: 'default', name: 'web' });
    user.wait(10);
    expect(get(address('node-2')).stderr).toContain('Connection refused');
  });

  it('keep a client where it was when they have ClientIP affinity', () => {
    const user = new User();
    user.apply(`${CLIENT}---${web('web', 3, 'sessionAffinity: ClientIP')}`);
    user.wait(60);
    const hosts = Array.from({ length: 8 }, () => user.exec('client', ['wget', '-qO-', 'http://web/hostname']).stdout);
    expect(new Set(hosts).size).toBe(1);
  });

  it('are not found without CoreDNS, but still have their address', () => {
    const user = new User();
    user.apply(`${CLIENT}---${web('web', 1)}`);
    user.wait(30);
    user.client.patch(DeploymentResource, { namespace: 'kube-system', name: 'coredns' }, 'merge', { spec: { replicas: 0 } });
    user.wait(30);
    const { clusterIP = '' } = user.client.get(ServiceResource, { namespace: 'default', name: 'web' }).spec;
    expect(user.exec('client', ['wget', '-qO-', 'http://web/hostname'])).toMatchObject({
      exitCode: 1,
      stderr: "wget: bad address 'web'\n",
    });
    expect(user.exec('client', ['nslookup', 'web']).stdout).toContain('no servers could be reached');
    expect(user.exec('client', ['wget', '-qO-', `http://${clusterIP}/hostname`]).stdout).toMatch(/^web-/);
  });

  it('without a cluster IP give the addresses of their pods, and a name to each pod of a StatefulSet', () => {
    const user = new User();
    user.apply(`${CLIENT}---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: zk}
spec:
  serviceName: zk
  replicas: 2
  selector: {matchLabels: {app: zk}}
  template:
    metadata: {labels: {app: zk}}
    spec: {containers: [{name: c, image: "redis:7.2"}]}
---
apiVersion: v1
kind: Service
metadata: {name: zk}
spec: {clusterIP: None, selector: {app: zk}, ports: [{port: 6379}]}
---
apiVersion: v1
kind: Service
metadata: {name: alias}
spec: {type: ExternalName, externalName: zk.default.svc.cluster.local}
`);
    user.wait(60);
    const ips = user.pods({ app: 'zk' }).map(({ status }) => status?.podIP ?? '');
    expect(ips).toHaveLength(2);
    for (const name of ['zk', 'alias'])
      for (const ip of ips) expect(user.exec('client', ['nslookup', name]).stdout).toContain(`Address: ${ip}\n`);
    expect(user.exec('client', ['nslookup', 'zk-1.zk.default.svc.cluster.local']).stdout).toContain(
      `Name:\tzk-1.zk.default.svc.cluster.local\nAddress: ${user.pod('zk-1').status?.podIP}`,
    );
    expect(user.exec('client', ['nc', '-zv', 'zk-0.zk', '6379']).exitCode).toBe(0);
    const old = user.pod('zk-1').status?.podIP;
    user.client.delete(PodResource, { namespace: 'default', name: 'zk-1' });
    user.wait(60);
    expect(user.pod('zk-1').status?.podIP).not.toBe(old);
    expect(user.exec('client', ['nslookup', 'zk-1.zk.default.svc.cluster.local']).stdout).toContain(
      `Address: ${user.pod('zk-1').status?.podIP}`,
    );
  });

  it('kubernetes.default is there, and the names of other namespaces need their namespace', () => {
    const user = new User();
    user.apply(CLIENT);
    user.wait(20);
    expect(user.exec('client', ['nslookup', 'kubernetes']).stdout).toContain('10.96.0.1');
    expect(user.exec('client', ['nc', '-zv', 'kubernetes', '443']).exitCode).toBe(0);
    expect(user.exec('client', ['nslookup', 'kube-dns']).exitCode).toBe(1);
    expect(user.exec('client', ['nslookup', 'kube-dns.kube-system.svc.cluster.local']).stdout).toContain('10.96.0.10');
  });

  it('a node that comes back translates again', () => {
    const user = new User();
    user.apply(`${CLIENT.replace('containers:', 'nodeName: node-1\n  containers:')}---${web('web', 1)}`);
    user.apply(
      '{apiVersion: kubarium.dev/v1alpha1, kind: Fault, metadata: {name: dark}, spec: {kind: NodeDown, node: node-1, from: 30s, to: 45s}}',
    );
    user.wait(120);
    expect(isReady(user.pod('client'))).toBe(true);
    expect(user.exec('client', ['wget', '-qO-', 'http://web/hostname']).stdout).toMatch(/^web-/);
  });

  it('are waited for by init containers with the tools of their servers', () => {
    const user = new User();
    user.apply(`
apiVersion: v1
kind: Pod
metadata: {name: app}
spec:
  initContainers:
    - {name: cache, image: "redis:7.2", command: [sh, -c, "until redis-cli -h cache ping; do echo waiting; sleep 2; done"]}
  containers: [{name: c, image: "nginx:1.25"}]
---
apiVersion: v1
kind: Service
metadata: {name: cache}
spec: {selector: {app: cache}, ports: [{port: 6379}]}
`);
    user.wait(30);
    expect(user.pod('app').status?.phase).toBe('Pending');
    user.apply(
      '{apiVersion: v1, kind: Pod, metadata: {name: cache, labels: {app: cache}}, spec: {containers: [{name: c, image: "redis:7.2"}]}}',
    );
    user.wait(30);
    expect(isReady(user.pod('app'))).toBe(true);
    expect(user.logs('app', 'cache')).toMatch(/Could not connect to Redis at cache:6379: Connection refused\nwaiting\n[^]*PONG\n$/);
  });

  it("voting-app's worker finds its database and its queue", () => {
    const user = new User();
    const folder = join(import.meta.dirname, '../../e2e/fixtures/manifests/voting-app');
    user.apply(
      readdirSync(folder)
        .sort()
        .map((file) => readFileSync(join(folder, file), 'utf8'))
        .join('\n---\n'),
    );
    user.wait(90);
    const [worker] = user.pods({ app: 'worker' });
    const log = user.logs(worker?.metadata.name ?? '');
    expect(log).toContain('Connected to db');
    expect(log).toContain('Found redis');
  });
});
