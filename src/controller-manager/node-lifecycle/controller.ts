/**
 * Watches over nodes (`pkg/controller/nodelifecycle`): a silent node becomes Unknown, its pods not ready, and taints keep
 * pods away (NoSchedule, by condition) or drive them off (NoExecute). The eviction itself is taint-eviction's.
 * Differs: NoExecute taints are set at the monitor's pace (5 s), not in a pass of their own every 100 ms.
 */
import { LeaseResource } from '../../api/coordination/lease.ts';
import { NodeResource } from '../../api/core/node.ts';
import { PodResource } from '../../api/core/pod.ts';
import type { Node, Pod, Taint } from '../../api/generated/types.ts';
import { findCondition } from '../../apimachinery/conditions.ts';
import { formatTime } from '../../apimachinery/durations.ts';
import { hasReason, StatusError } from '../../apimachinery/status.ts';
import { startController } from '../../client/controller.ts';
import type { Informer } from '../../client/informer.ts';
import type { ControllerDeps } from '../deps.ts';
import { BY_NODE, indexByNode } from '../node-pods.ts';
import { NOT_READY, UNREACHABLE } from '../../api/core/taints.ts';
import { changedTaints } from './taint-changes.ts';
import { Evictor } from './evictor.ts';
import { ALL_NO_SCHEDULE, conditionsOfSilence, listen, MONITOR_PERIOD_MS, noExecuteTaint, noScheduleTaints } from './health.ts';
import type { NodeHealth } from './health.ts';

const LEASE_NAMESPACE = 'kube-node-lease';
const NO_EXECUTE: readonly Taint[] = [NOT_READY, UNREACHABLE].map((key) => ({ key, effect: 'NoExecute' }));

/** Starts the controller. */
export function startNodeLifecycleController(deps: ControllerDeps): void {
  const nodes = deps.informers.informer(NodeResource);
  const pods = indexByNode(deps.informers.informer(PodResource));
  const leases = deps.informers.informer(LeaseResource, { namespace: LEASE_NAMESPACE });
  const tainter = startController(deps.scope, 'nodes', (name) => taintByCondition(deps, nodes.get(name)), [nodes]);
  const enqueue = ({ metadata }: Node) => tainter.enqueue(metadata.name);
  nodes.addHandler({ add: enqueue, update: enqueue }, deps.scope);
  const monitor = new Monitor(deps, nodes, pods, (node) => leases.get(`${LEASE_NAMESPACE}/${node}`)?.spec?.renewTime);
  deps.scope.every(MONITOR_PERIOD_MS, 'monitor nodes', 'nodes', () => {
    if (nodes.hasSynced && pods.hasSynced && leases.hasSynced) monitor.look();
  });
}

function taintByCondition(deps: ControllerDeps, node: Node | undefined): void {
  if (node === undefined) return;
  const wanted = noScheduleTaints(node);
  const unwanted = ALL_NO_SCHEDULE.filter(({ key }) => !wanted.some((taint) => taint.key === key));
  setTaints(deps, node, wanted, unwanted);
}

function setTaints({ client }: ControllerDeps, node: Node, added: readonly Taint[], removed: readonly Taint[]): void {
  const taints = changedTaints(node, added, removed);
  if (taints === undefined) return;
  const { taints: _before, ...spec } = node.spec ?? {};
  client.update(NodeResource, { ...node, spec: taints.length > 0 ? { ...spec, taints: [...taints] } : spec });
}

class Monitor {
  readonly #deps: ControllerDeps;
  readonly #nodes: Informer<Node>;
  readonly #pods: Informer<Pod>;
  readonly #renewTimeOf: (node: string) => string | undefined;
  readonly #health = new Map<string, NodeHealth>();
  readonly #evictor = new Evictor();

  constructor(deps: ControllerDeps, nodes: Informer<Node>, pods: Informer<Pod>, renewTimeOf: (node: string) => string | undefined) {
    this.#deps = deps;
    this.#nodes = nodes;
    this.#pods = pods;
    this.#renewTimeOf = renewTimeOf;
  }

  /** One look at all nodes (`monitorNodeHealth`). */
  look(): void {
    for (const name of [...this.#health.keys()]) if (this.#nodes.get(name) === undefined) this.#health.delete(name);
    const zones = new Map<string, { ready: number; notReady: number }>();
    const nodes = [...this.#nodes.list()];
    this.#meet(nodes.filter(({ metadata }) => !this.#health.has(metadata.name)));
    for (const node of nodes) {
      const ready = readyStatus(this.#lookAt(node));
      const zone = zones.get(zoneOf(node)) ?? { ready: 0, notReady: 0 };
      zones.set(zoneOf(node), zone);
      if (ready === 'True') zone.ready++;
      else zone.notReady++;
    }
    this.#evictor.observe(zones);
    for (const name of this.#evictor.take(this.#deps.scope.now)) this.#taintNoExecute(name);
  }

  /** Begins to remember nodes that are new to it. */
  #meet(strangers: readonly Node[]): void {
    if (strangers.length === 0) return;
    let newest: string | undefined;
    for (const { metadata } of this.#nodes.list()) {
      const renewTime = this.#renewTimeOf(metadata.name);
      if (renewTime !== undefined && (newest === undefined || renewTime > newest)) newest = renewTime;
    }
    for (const node of strangers) {
      const { name } = node.metadata;
      this.#health.set(name, listen(undefined, node, this.#renewTimeOf(name), this.#deps.scope.now, newest));
    }
  }

  /** Failures of one node are left to the next look. */
  #lookAt(node: Node): Node {
    try {
      return this.#examine(node);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      return node;
    }
  }

  #examine(node: Node): Node {
    const { name } = node.metadata;
    const nowMs = this.#deps.scope.now;
    const health = listen(this.#health.get(name), node, this.#renewTimeOf(name), nowMs);
    const before = readyStatus(node);
    const conditions = conditionsOfSilence(node, health, nowMs);
    let current = node;
    if (conditions !== undefined)
      current = this.#deps.client.updateStatus(NodeResource, { ...node, status: { ...node.status, conditions } });
    this.#health.set(name, { ...health, heartbeat: findCondition(current.status?.conditions, 'Ready')?.lastHeartbeatTime });
    const after = readyStatus(current);
    if (after === undefined) return current; // it has not yet said anything
    this.#planEviction(current, after);
    if (after !== 'True') {
      if (before === 'True') this.#record(current);
      this.#markPodsNotReady(name);
    }
    return current;
  }

  #planEviction(node: Node, ready: string | undefined): void {
    const wanted = noExecuteTaint(ready, this.#deps.scope.now);
    const current = (node.spec?.taints ?? []).filter(
      ({ key, effect }) => effect === 'NoExecute' && (key === NOT_READY || key === UNREACHABLE),
    );
    const { name } = node.metadata;
    if (wanted === undefined) {
      this.#evictor.remove(zoneOf(node), name);
      if (current.length > 0) setTaints(this.#deps, node, [], NO_EXECUTE);
    } else if (current.length === 0) this.#evictor.add(zoneOf(node), name);
    // A node that already evicts changes its reason at once.
    else if (!current.some(({ key }) => key === wanted.key)) this.#setNoExecute(node, wanted);
  }

  #setNoExecute(node: Node, wanted: Taint): void {
    setTaints(
      this.#deps,
      node,
      [wanted],
      NO_EXECUTE.filter(({ key }) => key !== wanted.key),
    );
  }

  #taintNoExecute(name: string): void {
    const node = this.#deps.client.find(NodeResource, { name });
    const wanted = node && noExecuteTaint(readyStatus(node), this.#deps.scope.now);
    if (node === undefined || wanted === undefined) return;
    try {
      this.#setNoExecute(node, wanted);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.#evictor.add(zoneOf(node), name);
    }
  }

  #record(node: Node): void {
    this.#deps.recorder.event(node, 'Normal', 'NodeNotReady', `Node ${node.metadata.name} status is now: NodeNotReady`);
  }

  /** Sets Ready to False on the node's pods: endpoints leave, though nobody hears from the kubelet (`MarkPodsNotReady`). */
  #markPodsNotReady(node: string): void {
    const now = formatTime(this.#deps.scope.now);
    for (const pod of [...this.#pods.byIndex(BY_NODE, node)]) {
      const conditions = pod.status?.conditions ?? [];
      if (findCondition(conditions, 'Ready')?.status !== 'True') continue;
      const marked = conditions.map((condition) =>
        condition.type === 'Ready' ? { ...condition, status: 'False', lastTransitionTime: now } : condition,
      );
      try {
        this.#deps.client.updateStatus(PodResource, { ...pod, status: { ...pod.status, conditions: marked } });
      } catch (error) {
        if (!hasReason(error, 'NotFound') && !hasReason(error, 'Conflict')) throw error;
        continue; // gone, or changed in between: the next look sees it
      }
      this.#deps.recorder.event(pod, 'Warning', 'NodeNotReady', 'Node is not ready');
    }
  }
}

const readyStatus = (node: Node): string | undefined => findCondition(node.status?.conditions, 'Ready')?.status;

function zoneOf({ metadata }: Node): string {
  const { labels = {} } = metadata;
  return `${labels['topology.kubernetes.io/region'] ?? ''}/${labels['topology.kubernetes.io/zone'] ?? ''}`;
}
