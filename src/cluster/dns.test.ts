/** Names as programs in containers meet them: questions sent over the network to CoreDNS pods. */
import { describe, expect, it } from 'vitest';
import { DeploymentResource } from '../api/apps/deployment.ts';
import { ConfigMapResource } from '../api/core/config-map.ts';
import { PodResource } from '../api/core/pod.ts';
import { ServiceResource } from '../api/core/service.ts';
import { lookup } from '../linux/net/resolve.ts';
import { User } from './testing/user.ts';

const CLIENTS = `
apiVersion: v1
kind: Pod
metadata: {name: client}
spec: {containers: [{name: c, image: "busybox:1.36", command: [sleep, infinity]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: old}
spec: {containers: [{name: c, image: "busybox:1.28", command: [sleep, "1000000"]}]}
---
apiVersion: v1
kind: Pod
metadata: {name: tools}
spec: {containers: [{name: c, image: "registry.k8s.io/e2e-test-images/agnhost:2.53"}]}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: 10.96.50.1, selector: {app: web}, ports: [{name: http, port: 80}]}
---
apiVersion: v1
kind: Service
metadata: {name: alias}
spec: {type: ExternalName, externalName: www.example.com}
`;

function started(more = ''): User {
  const user = new User();
  user.apply(CLIENTS + more);
  user.wait(40);
  return user;
}

const kubeSystem = (name: string) => ({ namespace: 'kube-system', name });
const corefile = (user: User) => user.client.get(ConfigMapResource, kubeSystem('coredns')).data?.['Corefile'] ?? '';
const setCorefile = (user: User, text: string) =>
  void user.client.patch(ConfigMapResource, kubeSystem('coredns'), 'merge', { data: { Corefile: text } });
const dnsLogs = (user: User) => {
  const pods = user.client.list(PodResource, 'kube-system', { labelSelector: 'k8s-app=kube-dns' }).items;
  return pods.map(({ metadata }) => user.cluster.log({ namespace: 'kube-system', pod: metadata.name, container: 'coredns' })).join('');
};
const process = (user: User, pod: string) => {
  const { spec } = user.client.get(PodResource, { namespace: 'default', name: pod });
  const { machine } = user.cluster.nodes.get(spec.nodeName ?? '')!;
  return [...machine.processes.values()].find(
    ({ context }) => context.hostname === pod && context.fs.read('/etc/resolv.conf') !== undefined,
  )!;
};

describe('names in a cluster', () => {
  const user = started();
  const sh = (pod: string, ...command: string[]) => user.exec(pod, command);

  it('cost the questions that ndots and the search list make', () => {
    const asked = (name: string) => {
      const outcome = lookup(process(user, 'client'), name);
      return (outcome.questions ?? []).map((question) => `${question.type} ${question.name} ${question.outcome}`);
    };
    expect(asked('web')).toEqual(['A web.default.svc.cluster.local. NOERROR', 'AAAA web.default.svc.cluster.local. NOERROR']);
    expect(asked('example.com')).toEqual([
      'A example.com.default.svc.cluster.local. NXDOMAIN',
      'AAAA example.com.default.svc.cluster.local. NXDOMAIN',
      'A example.com.svc.cluster.local. NXDOMAIN',
      'AAAA example.com.svc.cluster.local. NXDOMAIN',
      'A example.com.cluster.local. NXDOMAIN',
      'AAAA example.com.cluster.local. NXDOMAIN',
      'A example.com. NOERROR',
      'AAAA example.com. NOERROR',
    ]);
    expect(asked('example.com.')).toHaveLength(2);
    expect(asked('10.0.0.1')).toEqual([]);
  });

  it('are printed by the nslookup of each image in its own way', () => {
    expect(sh('client', 'nslookup', 'web.default.svc.cluster.local')).toMatchObject({
      exitCode: 0,
      stdout:
        'Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\nName:\tweb.default.svc.cluster.local\nAddress: 10.96.50.1\n\n' +
        "*** Can't find web.default.svc.cluster.local: No answer\n\n",
    });
    expect(sh('client', 'nslookup', 'web.default').stdout).toContain("** server can't find web.default: NXDOMAIN\n");
    expect(sh('old', 'nslookup', 'web.default')).toMatchObject({
      exitCode: 0,
      stdout:
        'Server:    10.96.0.10\nAddress 1: 10.96.0.10 kube-dns.kube-system.svc.cluster.local\n\n' +
        'Name:      web.default\nAddress 1: 10.96.50.1 web.default.svc.cluster.local\n',
    });
    expect(sh('old', 'nslookup', 'nothing')).toMatchObject({ exitCode: 1, stderr: "nslookup: can't resolve 'nothing'\n" });
    expect(sh('tools', 'nslookup', 'web.default').stdout).toBe(
      'Server:\t\t10.96.0.10\nAddress:\t10.96.0.10#53\n\nName:\tweb.default.svc.cluster.local\nAddress: 10.96.50.1\n\n',
    );
    expect(sh('tools', 'nslookup', 'nothing').stdout).toContain("** server can't find nothing: NXDOMAIN\n");
  });

  it('are asked for by dig', () => {
    expect(sh('tools', 'dig', '+short', 'web.default.svc.cluster.local').stdout).toBe('10.96.50.1\n');
    expect(sh('tools', 'dig', '+short', '+search', 'web').stdout).toBe('10.96.50.1\n');
    expect(sh('tools', 'dig', '+short', '-x', '10.96.50.1').stdout).toBe('web.default.svc.cluster.local.\n');
    expect(sh('tools', 'dig', '+short', 'SRV', '_http._tcp.web.default.svc.cluster.local').stdout).toBe(
      '0 100 80 web.default.svc.cluster.local.\n',
    );
    const { stdout } = sh('tools', 'dig', 'web.default.svc.cluster.local', 'AAAA');
    expect(stdout).toContain('status: NOERROR');
    expect(stdout).toContain('flags: qr aa rd; QUERY: 1, ANSWER: 0, AUTHORITY: 1');
    expect(stdout).toContain('SOA\tns.dns.cluster.local. hostmaster.cluster.local.');
    expect(sh('client', 'sh', '-c', 'dig web').exitCode).toBe(127);
  });

  it('outside of the cluster are those of the simulated Internet', () => {
    expect(sh('tools', 'dig', '+short', 'alias.default.svc.cluster.local').stdout).toBe('www.example.com.\n93.184.215.14\n');
    expect(sh('client', 'wget', '-qO-', 'http://example.com').stdout).toContain('<h1>Example Domain</h1>');
    expect(sh('tools', 'dig', 'no-such-name.example').stdout).toContain('status: NXDOMAIN');
    expect(sh('tools', 'dig', '+short', '@8.8.8.8', 'example.com').stdout).toBe('93.184.215.14\n');
    expect(sh('tools', 'dig', '@8.8.8.8', 'web.default.svc.cluster.local').stdout).toContain('status: NXDOMAIN');
  });

  it('of pods are their addresses with dashes', () => {
    const ip = user.pod('client').status?.podIP ?? '';
    expect(sh('tools', 'dig', '+short', `${ip.replaceAll('.', '-')}.default.pod.cluster.local`).stdout).toBe(`${ip}\n`);
  });
});

describe('CoreDNS', () => {
  it('reads a changed Corefile, and keeps the old one when the new one is wrong', () => {
    const user = started();
    expect(dnsLogs(user)).toContain('.:53\n[INFO] plugin/reload: Running configuration SHA512 = ');
    const original = corefile(user);
    setCorefile(
      user,
      original.replace('errors\n', 'errors\n    log\n    hosts {\n       10.9.9.9 legacy.example.com\n       fallthrough\n    }\n'),
    );
    user.wait(180);
    expect(dnsLogs(user)).toContain('[INFO] Reloading complete\n');
    expect(user.exec('tools', ['dig', '+short', 'legacy.example.com']).stdout).toBe('10.9.9.9\n');
    const ip = user.pod('tools').status?.podIP ?? '';
    expect(dnsLogs(user)).toMatch(
      new RegExp(`\\[INFO\\] ${ip}:\\d+ - \\d+ "A IN legacy\\.example\\.com\\. udp \\d+ false 512" NOERROR qr,aa,rd \\d+ 0s`),
    );
    setCorefile(user, original.replace('errors\n', 'errrors\n'));
    user.wait(180);
    expect(dnsLogs(user)).toContain("Corefile:2 - Error during parsing: Unknown directive 'errrors'");
    expect(user.exec('tools', ['dig', '+short', 'legacy.example.com']).stdout).toBe('10.9.9.9\n');
  });

  it('that does not run leaves questions unanswered', () => {
    const user = started();
    user.client.patch(DeploymentResource, kubeSystem('coredns'), 'merge', { spec: { replicas: 0 } });
    user.wait(60);
    expect(user.exec('client', ['wget', '-qO-', 'http://web']).stderr).toBe("wget: bad address 'web'\n");
    expect(user.exec('tools', ['dig', 'web']).stdout).toContain(';; communications error to 10.96.0.10#53: connection refused');
    user.client.delete(ServiceResource, kubeSystem('kube-dns'));
    user.wait(10);
    const before = user.cluster.sim.now;
    expect(lookup(process(user, 'client'), 'web')).toMatchObject({
      error: 'no answer',
      afterMs: 10_000,
      questions: [{ outcome: 'timeout', afterMs: 5000 }, {}, {}, {}],
    });
    expect(user.cluster.sim.now).toBe(before);
    const { exitCode } = user.exec('client', ['wget', '-qO-', 'http://web']);
    expect([exitCode, Math.round((user.cluster.sim.now - before) / 1000)]).toEqual([1, 10]);
  });

  it('answers on for its lameduck time when it is told to end', () => {
    const user = started();
    const [pod] = user.client.list(PodResource, 'kube-system', { labelSelector: 'k8s-app=kube-dns' }).items;
    user.client.delete(PodResource, kubeSystem(pod?.metadata.name ?? ''));
    user.wait(2);
    expect(user.exec('tools', ['dig', '+short', `@${pod?.status?.podIP ?? ''}`, 'web.default.svc.cluster.local']).stdout).toBe(
      '10.96.50.1\n',
    );
    user.wait(10);
    expect(user.exec('tools', ['dig', `@${pod?.status?.podIP ?? ''}`, 'web.default.svc.cluster.local']).exitCode).toBe(9);
  });
});
