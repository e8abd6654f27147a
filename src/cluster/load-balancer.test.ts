import { describe, expect, it } from 'vitest';
import { EventResource } from '../api/core/event.ts';
import { NodeResource } from '../api/core/node.ts';
import { ServiceResource } from '../api/core/service.ts';
import type { ServiceSpec } from '../api/generated/types.ts';
import { startControlPlane } from './testing/control-plane.ts';

const at = (name: string) => ({ namespace: 'default', name });

function setUp(cloudProvider: 'none' | 'simulated' = 'simulated') {
  const { sim, client } = startControlPlane({ cloudProvider });
  client.create(NodeResource, { metadata: { name: 'node-1' }, spec: {} });
  const create = (name: string, spec: Partial<ServiceSpec> = {}) =>
    client.create(ServiceResource, {
      metadata: at(name),
      spec: { type: 'LoadBalancer', selector: { app: name }, ports: [{ port: 80 }], ...spec },
    });
  const wait = (ms: number) => void sim.runUntil(sim.now + ms);
  const get = (name: string) => client.find(ServiceResource, at(name));
  const ip = (name: string) => get(name)?.status?.loadBalancer?.ingress?.[0]?.ip;
  const events = () => client.list(EventResource, 'default').items.filter(({ source }) => source?.component === 'service-controller');
  const told = (name: string) =>
    events()
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ reason, message }) => `${reason}: ${message}`)
      .sort();
  return { client, create, wait, get, ip, told };
}

describe('Services of type LoadBalancer', () => {
  it('stay pending without a cloud', () => {
    const { create, wait, get, ip } = setUp('none');
    create('web');
    wait(60_000);
    expect([ip('web'), get('web')?.metadata.finalizers]).toEqual([undefined, undefined]);
  });

  it('get an address from the cloud after a while, each its own', () => {
    const { create, wait, get, ip, told } = setUp();
    create('web');
    create('api');
    wait(1000);
    expect(ip('web')).toBeUndefined();
    expect(get('web')?.metadata.finalizers).toEqual(['service.kubernetes.io/load-balancer-cleanup']);
    wait(5000);
    expect([ip('web'), ip('api')]).toEqual(['203.0.113.10', '203.0.113.11']);
    expect(told('web')).toEqual(['EnsuredLoadBalancer: Ensured load balancer', 'EnsuringLoadBalancer: Ensuring load balancer']);
  });

  it('are left to others when they have a class', () => {
    const { create, wait, ip, told } = setUp();
    create('web', { loadBalancerClass: 'example.com/other' });
    wait(60_000);
    expect([ip('web'), told('web')]).toEqual([undefined, []]);
  });

  it('go when their load balancer is gone, and give the address back', () => {
    const { client, create, wait, get, ip, told } = setUp();
    create('web');
    wait(5000);
    client.delete(ServiceResource, at('web'));
    wait(1000);
    expect(get('web')).toBeUndefined();
    expect(told('web')).toEqual([
      'DeletedLoadBalancer: Deleted load balancer',
      'DeletingLoadBalancer: Deleting load balancer',
      'EnsuredLoadBalancer: Ensured load balancer',
      'EnsuringLoadBalancer: Ensuring load balancer',
    ]);
    create('next');
    wait(5000);
    expect(ip('next')).toBe('203.0.113.10');
  });

  it('lose their load balancer when they become another type, and get one when they become this type', () => {
    const { client, create, wait, get, ip, told } = setUp();
    create('web');
    wait(5000);
    client.patch(ServiceResource, at('web'), 'merge', { spec: { type: 'ClusterIP' } });
    wait(1000);
    expect([ip('web'), get('web')?.metadata.finalizers ?? []]).toEqual([undefined, []]);
    expect(told('web')).toContain('Type: LoadBalancer -> ClusterIP');
    client.patch(ServiceResource, at('web'), 'merge', { spec: { type: 'LoadBalancer' } });
    wait(5000);
    expect(ip('web')).toBe('203.0.113.10');
    expect(told('web')).toContain('Type: ClusterIP -> LoadBalancer');
  });

  it('may ask for an address, and are told when they cannot have it', () => {
    const { create, wait, ip, told } = setUp();
    create('web', { loadBalancerIP: '203.0.113.77' });
    create('api', { loadBalancerIP: '198.51.100.1' });
    wait(6000);
    expect([ip('web'), ip('api')]).toEqual(['203.0.113.77', undefined]);
    expect(told('api').at(-1)).toMatch(
      /^SyncLoadBalancerFailed: Error syncing load balancer: failed to ensure load balancer: requested IP/,
    );
  });

  it('hear of new nodes', () => {
    const { client, create, wait, told } = setUp();
    create('web');
    wait(5000);
    client.create(NodeResource, { metadata: { name: 'node-2' }, spec: {} });
    wait(1000);
    expect(told('web')).toContain('UpdatedLoadBalancer: Updated load balancer with new hosts');
  });
});
