/** An ingress controller at work: requests by host and path, from a pod through the controller's pod to endpoints. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DeploymentResource } from '../api/apps/deployment.ts';
import { IngressResource } from '../api/networking/ingress.ts';
import { PodResource } from '../api/core/pod.ts';
import { manifestsOf, User } from './testing/user.ts';

const SCENARIO = readFileSync(join(import.meta.dirname, '../content/scenarios/front-door.yaml'), 'utf8');
const at = (name: string) => ({ namespace: 'default', name });

function opened(): User {
  const user = new User({ layout: { workers: 2 } });
  user.apply(manifestsOf(SCENARIO).filter(({ kind }) => kind !== 'Scenario'));
  user.wait(120);
  return user;
}

const nodeOf = (user: User) =>
  user.client.list(PodResource, 'ingress-nginx').items.find(({ status }) => status?.phase === 'Running')?.status?.hostIP ?? '';
const address = (user: User, name: string) => user.client.get(IngressResource, at(name)).status?.loadBalancer?.ingress?.[0]?.ip;

describe('an Ingress', () => {
  const user = opened();
  const curl = (path: string, ...more: string[]) =>
    user.exec('customer', ['curl', '-s', '-H', 'Host: shop.example.com', ...more, `http://${nodeOf(user)}${path}`]).stdout;

  it('gets the address of the node that its controller runs on', () => {
    expect(nodeOf(user)).toMatch(/^192\.168\.0\./);
    expect(address(user, 'shop')).toBe(nodeOf(user));
  });

  it('sends requests by path to the endpoints of its Services, all of them in turn', () => {
    expect(curl('/coffee/hostname')).toMatch(/^coffee-/);
    const hosts = new Set([curl('/tea/hostname'), curl('/tea/hostname'), curl('/tea/hostname')]);
    expect(hosts.size).toBe(2);
    for (const host of hosts) expect(host).toMatch(/^tea-/);
    expect(curl('/tea/echo?msg=hi')).toBe('hi');
  });

  it('leaves all else to the default backend', () => {
    expect(curl('/cake', '-o', '/dev/null', '-w', '%{http_code}')).toBe('404');
    expect(user.exec('customer', ['curl', '-s', `http://${nodeOf(user)}/tea`]).stdout).toContain('<center><h1>404 Not Found</h1></center>');
  });

  it('answers 503 while its Service has no endpoint', () => {
    user.client.patch(DeploymentResource, at('coffee'), 'merge', { spec: { replicas: 0 } });
    user.wait(40);
    expect(curl('/coffee')).toContain('<center><h1>503 Service Temporarily Unavailable</h1></center>');
  });

  it('answers 502 when nothing listens at the endpoint', () => {
    user.apply(`
{apiVersion: v1, kind: Service, metadata: {name: wrong}, spec: {selector: {app: tea}, ports: [{port: 80, targetPort: 9999}]}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: wrong}
spec: {ingressClassName: nginx, rules: [{host: wrong.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: wrong, port: {number: 80}}}}]}}]}
`);
    user.wait(5);
    expect(curl('/', '-H', 'Host: wrong.example.com', '-o', '/dev/null', '-w', '%{http_code}')).toBe('502');
  });

  it('with TLS sends plain requests to https, and shows a certificate that nobody trusts', () => {
    user.apply(`
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: safe}
spec: {ingressClassName: nginx, tls: [{hosts: [safe.example.com]}], rules: [{host: safe.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: tea, port: {number: 80}}}}]}}]}
`);
    user.wait(5);
    const host = ['-H', 'Host: safe.example.com'];
    expect(curl('/x', ...host, '-i')).toMatch(/^HTTP\/1\.1 308 Permanent Redirect\r\n[^]*Location: https:\/\/safe\.example\.com\/x\r\n/);
    const https = (...flags: string[]) => user.exec('customer', ['curl', ...flags, ...host, `https://${nodeOf(user)}/hostname`]);
    expect(https('-k', '-s').stdout).toMatch(/^tea-/);
    expect(https('-sS')).toMatchObject({ exitCode: 60, stderr: expect.stringContaining('curl: (60) SSL certificate problem') as string });
  });

  it('tells in events and in the log of its controller', () => {
    const [pod] = user.client.list(PodResource, 'ingress-nginx').items;
    const log = user.cluster.log({ namespace: 'ingress-nginx', pod: pod?.metadata.name ?? '', container: 'controller' });
    expect(log).toContain('"Configuration changes detected, backend reload required"');
    expect(log).toMatch(
      /"GET \/tea\/hostname HTTP\/1\.1" 200 \d+ "-" "curl\/[\d.]+" \d+ 0\.000 \[default-tea-http\] \[\] 10\.244\.\d+\.\d+:8080/,
    );
    expect(user.events('Ingress', 'shop').map(({ reason }) => reason)).toContain('Sync');
  });

  it('without a controller keeps waiting for an address', () => {
    user.apply('{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: other}, spec: {controller: example.com/other}}');
    const ingress = user.client.get(IngressResource, at('wrong'));
    user.client.create(IngressResource, { metadata: at('lost'), spec: { ...ingress.spec, ingressClassName: 'other' } });
    user.wait(130);
    expect(address(user, 'lost')).toBeUndefined();
    expect(address(user, 'wrong')).toBe(nodeOf(user));
  });

  it('loses its address when the last controller ends', () => {
    user.client.patch(DeploymentResource, { namespace: 'ingress-nginx', name: 'ingress-nginx-controller' }, 'merge', {
      spec: { replicas: 0 },
    });
    user.wait(60);
    expect(address(user, 'shop')).toBeUndefined();
  });
});
