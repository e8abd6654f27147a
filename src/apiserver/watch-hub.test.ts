import { describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { ConfigMapResource } from '../api/core/config-map.ts';
import type { WatchEvent } from '../api/request.ts';
import type { ResourceDefinition } from '../api/resource.ts';
import { Etcd } from '../etcd/etcd.ts';
import { Simulation } from '../sim/simulation.ts';
import { WatchHub } from './watch-hub.ts';

const PREFIX = '/registry/configmaps/';

function object(index: number): KubernetesObject {
  const name = `c${index % 10}`;
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, uid: name, resourceVersion: '1', creationTimestamp: '' } };
}

describe('a watch whose receiver does not come', () => {
  it('is given up with 410 and holds no more memory', () => {
    const sim = new Simulation({ seed: 1 });
    const etcd = new Etcd<KubernetesObject>();
    const hub = new WatchHub(sim, etcd);
    hub.addResource(ConfigMapResource as unknown as ResourceDefinition, PREFIX);
    const seen: WatchEvent[] = [];
    let closed = 0;
    const selection = { namespace: undefined, matches: undefined, trigger: undefined };
    const options = { selection, resourceVersion: '', receiver: 'slow', bookmarks: false, observer: false, initialEvents: [] };
    hub.watch(PREFIX, options, { events: (batch) => seen.push(...batch), closed: () => closed++ });
    for (let index = 0; index < 50_010; index++) etcd.put(`${PREFIX}default/c${index % 10}`, object(index));
    expect(hub.states()).toEqual([]);
    sim.runUntilIdle(1000);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ type: 'ERROR', object: { code: 410, reason: 'Expired' } });
    expect(closed).toBe(1);
  });
});
