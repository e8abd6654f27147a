import { describe, expect, it } from 'vitest';
import { ServiceResource } from '../api/core/service.ts';
import { EndpointSliceResource } from '../api/discovery/endpoint-slice.ts';
import { User } from './testing/user.ts';

const WEB = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 4
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      topologySpreadConstraints: [{maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: DoNotSchedule, labelSelector: {matchLabels: {app: web}}}]
      containers: [{name: c, image: "nginx:1.25"}]
---
apiVersion: v1
kind: Service
metadata: {name: web, annotations: {service.kubernetes.io/topology-mode: Auto}}
spec: {selector: {app: web}, ports: [{port: 80}]}
`;

describe('a Service with topology-mode Auto', () => {
  it('has hints for zones, and an event that says so; both go with the annotation', () => {
    const user = new User({ layout: { workers: 4, zones: ['a', 'b'] } });
    user.apply(WEB);
    user.wait(60);
    const hints = () =>
      user.client
        .list(EndpointSliceResource, 'default')
        .items.filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === 'web')
        .flatMap(({ endpoints }) => endpoints ?? [])
        .map(({ hints: own, zone }) => `${zone ?? ''}>${own?.forZones?.[0]?.name ?? '-'}`)
        .sort();
    expect(hints()).toEqual(['a>a', 'a>a', 'b>b', 'b>b']);
    expect(user.eventTexts('Service', 'web')).toContain(
      'TopologyAwareHintsEnabled Topology Aware Hints has been enabled, addressType: IPv4',
    );
    const web = { namespace: 'default', name: 'web' };
    user.client.patch(ServiceResource, web, 'merge', { metadata: { annotations: { 'service.kubernetes.io/topology-mode': null } } });
    user.wait(5);
    expect(hints()).toEqual(['a>-', 'a>-', 'b>-', 'b>-']);
    user.client.patch(ServiceResource, web, 'merge', { spec: { trafficDistribution: 'PreferClose' } });
    user.wait(5);
    expect(hints()).toEqual(['a>a', 'a>a', 'b>b', 'b>b']);
  });
});
