import { describe, expect, it } from 'vitest';
import { EndpointsResource } from '../api/core/endpoints.ts';
import { ServiceResource } from '../api/core/service.ts';
import { EndpointSliceResource } from '../api/discovery/endpoint-slice.ts';
import { startControlPlane } from './testing/control-plane.ts';

const metadata = { name: 'db', namespace: 'default' };
const ports = [{ port: 5432 }];

function setUp() {
  const { sim, client } = startControlPlane();
  client.create(ServiceResource, { metadata, spec: { ports } });
  client.create(EndpointsResource, {
    metadata: { ...metadata, labels: { team: 'data' } },
    subsets: [{ addresses: [{ ip: '203.0.113.7' }, { ip: '2001:db8::7' }], notReadyAddresses: [{ ip: '203.0.113.8' }], ports }],
  });
  const settle = () => {
    sim.runUntilIdle(60_000);
    return client.list(EndpointSliceResource, 'default').items;
  };
  return { client, settle };
}

describe('Endpoints of a Service without selector', () => {
  it('appear as slices, one for each address family', () => {
    const slices = setUp().settle();
    expect(slices.map(({ addressType, endpoints, ports: own }) => [addressType, endpoints, own])).toEqual([
      [
        'IPv4',
        [
          { addresses: ['203.0.113.7'], conditions: { ready: true } },
          { addresses: ['203.0.113.8'], conditions: { ready: false } },
        ],
        [{ name: '', port: 5432, protocol: 'TCP' }],
      ],
      ['IPv6', [{ addresses: ['2001:db8::7'], conditions: { ready: true } }], [{ name: '', port: 5432, protocol: 'TCP' }]],
    ]);
    expect(slices[0]?.metadata.ownerReferences?.[0]).toMatchObject({ kind: 'Endpoints', name: 'db', controller: true });
    expect(slices[0]?.metadata.labels).toEqual({
      team: 'data',
      'kubernetes.io/service-name': 'db',
      'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
    });
  });

  it('take their slices along when they change, are deleted, or are not to be mirrored', () => {
    const { client, settle } = setUp();
    const [before] = settle();
    const endpoints = client.get(EndpointsResource, metadata);
    client.update(EndpointsResource, { ...endpoints, subsets: [{ addresses: [{ ip: '203.0.113.9' }], ports }] });
    const [changed, ...others] = settle();
    expect(others).toEqual([]);
    expect(changed?.metadata.name).toBe(before?.metadata.name);
    expect(changed?.endpoints).toEqual([{ addresses: ['203.0.113.9'], conditions: { ready: true } }]);

    const again = client.get(EndpointsResource, metadata);
    const labels = { 'endpointslice.kubernetes.io/skip-mirror': 'true' };
    client.update(EndpointsResource, { ...again, metadata: { ...again.metadata, labels } });
    expect(settle()).toEqual([]);
  });

  it('are no longer mirrored once the Service has a selector', () => {
    const { client, settle } = setUp();
    settle();
    const service = client.get(ServiceResource, metadata);
    client.update(ServiceResource, { ...service, spec: { ...service.spec, selector: { app: 'db' } } });
    expect(settle().map(({ metadata: { labels } }) => labels?.['endpointslice.kubernetes.io/managed-by'])).toEqual([
      'endpointslice-controller.k8s.io',
    ]);
  });
});
