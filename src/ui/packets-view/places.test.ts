import { describe, expect, it } from 'vitest';
import type { Node, Pod, Service } from '../../api/generated/types.ts';
import {
  choiceOf,
  endOf,
  endWords,
  MADE_HERE,
  MAKER,
  nodePlaces,
  podPlaces,
  servicePlaces,
  traceObject,
  typedEnd,
  usualPort,
} from './places.ts';

const pod = (namespace: string, name: string, { phase = 'Running', hostNetwork = false, ports = [] as number[] } = {}) =>
  ({
    metadata: { namespace, name },
    spec: { hostNetwork, containers: [{ name: 'c', ports: ports.map((containerPort) => ({ containerPort })) }] },
    status: { phase, podIP: '10.244.1.2' },
  }) as unknown as Pod;
const service = (namespace: string, name: string, port = 80) =>
  ({ metadata: { namespace, name }, spec: { ports: [{ port }] } }) as unknown as Service;

describe('places to send from and to', () => {
  it("are running pods: the user's own first, those in their node's network last", () => {
    const pods = [
      pod('kube-system', 'kube-proxy-x', { hostNetwork: true }),
      pod('kube-system', 'coredns-a'),
      pod('shop', 'web'),
      pod('default', 'late', { phase: 'Pending' }),
      pod('default', 'client'),
    ];
    expect(podPlaces(pods).map(({ label }) => label)).toEqual(['client', 'shop/web', 'kube-system/coredns-a', 'kube-system/kube-proxy-x']);
  });

  it("are Services: the user's own first, the API's own last", () => {
    const services = [service('default', 'kubernetes', 443), service('kube-system', 'kube-dns', 53), service('default', 'web')];
    expect(servicePlaces(services).map(({ value, label }) => [value, label])).toEqual([
      ['service/default/web', 'svc/web'],
      ['service/kube-system/kube-dns', 'svc/kube-system/kube-dns'],
      ['service/default/kubernetes', 'svc/kubernetes'],
    ]);
    expect(nodePlaces([{ metadata: { name: 'b' } }, { metadata: { name: 'a' } }] as Node[]).map(({ value }) => value)).toEqual([
      'node/a',
      'node/b',
    ]);
  });

  it.each([
    ['pod/default/web-1', { pod: 'default/web-1' }, 'default/web-1'],
    ['service/shop/web', { service: 'shop/web' }, 'svc/shop/web'],
    ['node/node-1', { node: 'node-1' }, 'node-1'],
    ['external', { external: true }, 'external'],
  ])('%s is an end of a trace, and back', (choice, end, words) => {
    expect(endOf(choice)).toEqual(end);
    expect(choiceOf(end, 'elsewhere')).toBe(choice);
    expect(endWords(end)).toBe(words);
  });

  it('of a trace that somebody else wrote are found by its namespace; typed ones stand for no choice', () => {
    expect(choiceOf({ pod: 'web-1' }, 'shop')).toBe('pod/shop/web-1');
    expect(choiceOf({ host: 'example.com' }, 'shop')).toBe('');
    expect(typedEnd('10.96.0.1')).toEqual({ ip: '10.96.0.1' });
    expect(typedEnd('web.default')).toEqual({ host: 'web.default' });
  });

  it("offer the Service's or the pod's first port, else 80", () => {
    const services = [service('default', 'web', 8080)];
    const pods = [pod('default', 'a', { ports: [9090, 1] }), pod('default', 'b')];
    expect(usualPort('service/default/web', services, pods)).toBe(8080);
    expect(usualPort('pod/default/a', services, pods)).toBe(9090);
    expect(usualPort('pod/default/b', services, pods)).toBe(80);
    expect(usualPort('node/node-1', services, pods)).toBe(80);
  });

  it("make a trace in the source's namespace, marked as the view's own", () => {
    const trace = traceObject('trace-1', { from: { pod: 'shop/web' }, to: { service: 'shop/db' }, port: 5432 });
    expect(trace.metadata).toEqual({ name: 'trace-1', namespace: 'shop', labels: { [MADE_HERE]: MAKER } });
    expect(traceObject('trace-2', { from: { external: true }, to: { node: 'node-1' } }).metadata.namespace).toBe('default');
  });
});
