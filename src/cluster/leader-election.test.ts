import { describe, expect, it } from 'vitest';
import { LeaseResource } from '../api/coordination/lease.ts';
import { EventResource } from '../api/core/event.ts';
import { NamespaceResource } from '../api/core/namespace.ts';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { Client } from '../client/client.ts';
import { EventRecorder } from '../client/event-recorder.ts';
import { LeaderElector } from '../client/leader-election.ts';
import { Etcd } from '../etcd/etcd.ts';
import { Simulation } from '../sim/simulation.ts';
import { TaskScope } from '../sim/task-scope.ts';
import { newApiServer } from './api-server.ts';

const lock = { namespace: 'kube-system', name: 'kube-scheduler' };

function setUp() {
  const sim = new Simulation({ seed: 7 });
  const server = newApiServer({ sim, etcd: new Etcd<KubernetesObject>() });
  const client = new Client(server, { name: 'system:kube-scheduler', groups: ['system:masters'] }, 'test');
  client.create(NamespaceResource, { metadata: { name: 'kube-system' } });
  const log: string[] = [];
  const stand = (identity: string) => {
    const scope = new TaskScope(sim, identity);
    const elector = new LeaderElector({
      scope,
      client,
      recorder: new EventRecorder(scope, client, { component: 'kube-scheduler' }),
      lock,
      identity,
      onStartedLeading: () => log.push(`${identity} leads`),
      onStoppedLeading: () => log.push(`${identity} stopped`),
    });
    elector.start();
    return { scope, elector };
  };
  const run = (seconds: number) => sim.runUntil(sim.now + seconds * 1000);
  const lease = () => client.get(LeaseResource, lock).spec;
  return { sim, server, client, log, stand, run, lease };
}

describe('leader election', () => {
  it('lets the first candidate lead at once, and renews every 2 s', () => {
    const { log, stand, run, lease, client } = setUp();
    stand('a');
    const first = lease();
    run(60);
    expect(log).toEqual(['a leads']);
    expect(first).toMatchObject({ holderIdentity: 'a', leaseDurationSeconds: 15, leaseTransitions: 0 });
    expect(lease()?.acquireTime).toBe(first?.acquireTime);
    expect(Date.parse(lease()?.renewTime ?? '') - Date.parse(first?.renewTime ?? '')).toBe(60_000);
    expect(client.list(EventResource, 'kube-system').items.map(({ reason, message }) => `${reason}: ${message}`)).toEqual([
      'LeaderElection: a became leader',
    ]);
  });

  it('hands over to the second candidate 15 s after the death of the first', () => {
    const { log, stand, run, lease } = setUp();
    const first = stand('a');
    stand('b');
    run(60);
    expect(log).toEqual(['a leads']);
    first.scope.kill();
    run(14);
    expect(log).toEqual(['a leads']);
    run(10);
    expect(log).toEqual(['a leads', 'b leads']);
    expect(lease()).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1 });
  });

  it('stops a leader that cannot renew for 10 s', () => {
    const { log, stand, run, server } = setUp();
    const { elector } = stand('a');
    run(3);
    server.stop();
    run(7);
    expect(elector.isLeader).toBe(true);
    run(6);
    expect(elector.isLeader).toBe(false);
    expect(log).toEqual(['a leads', 'a stopped']);
  });

  it('keeps nobody from being idle, but a dead leader is waited for', () => {
    const { sim, stand, log } = setUp();
    const first = stand('a');
    stand('b');
    expect(sim.runUntilIdle(3_600_000)).toBe(true);
    first.scope.kill();
    sim.runUntilIdle(3_600_000);
    stand('c');
    expect(sim.runUntilIdle(3_600_000)).toBe(true);
    expect(log.length).toBe(2);
  });
});
