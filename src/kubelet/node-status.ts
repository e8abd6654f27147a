/**
 * Registering the node and keeping its status and Lease alive (`pkg/kubelet/kubelet_node_status.go`,
 * `k8s.io/component-helpers/apimachinery/lease`): checked every 10 s, written when something changed or after 5 min.
 */
import { LeaseResource } from '../api/coordination/lease.ts';
import { NodeResource } from '../api/core/node.ts';
import { deepEqual } from '../apimachinery/freeze.ts';
import { formatMicroTime, formatTime } from '../apimachinery/durations.ts';
import { hasReason, StatusError } from '../apimachinery/status.ts';
import type { Lease, Node, NodeStatus } from '../api/generated/types.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import type { KubeletOptions } from './host.ts';
import { initializeCSINode } from './csi-node.ts';
import { nodeLabels, nodeStatus } from './node-object.ts';
import type { NodeHealth, NodeIds } from './node-object.ts';

/** `nodeStatusUpdateFrequency`, and the Lease's renewal (a quarter of its 40 s), ms. */
export const UPDATE_PERIOD_MS = 10_000;
/** `nodeStatusReportFrequency`, ms. */
const REPORT_PERIOD_MS = 300_000;
/** How often, and for how long, a starting kubelet looks whether the node has become ready (`fastStatusUpdateOnce`), ms. */
const FAST_PERIOD_MS = 100;
const FAST_LIMIT_MS = 5000;
const LEASE_NAMESPACE = 'kube-node-lease';
export const LEASE_SECONDS = 40;
/** A registration that was refused is tried again after this, ms. */
const REGISTER_RETRY_MS = 1000;

/** Events about the node carry its name as uid, as upstream's node reference does. */
const nodeReference = (name: string) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name, uid: name } });

/** Condition changes that are told as events: type → status → reason. */
const CONDITION_EVENTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { True: 'NodeReady', False: 'NodeNotReady' },
  MemoryPressure: { True: 'NodeHasInsufficientMemory', False: 'NodeHasSufficientMemory' },
  DiskPressure: { True: 'NodeHasDiskPressure', False: 'NodeHasNoDiskPressure' },
  PIDPressure: { True: 'NodeHasInsufficientPID', False: 'NodeHasSufficientPID' },
};

const withoutHeartbeats = (status: NodeStatus | undefined) =>
  status?.conditions?.map((condition) => ({ ...condition, lastHeartbeatTime: '' }));

/** Reports one node. */
export class NodeReporter {
  readonly #options: KubeletOptions;
  readonly #recorder: EventRecorder;
  readonly #health: () => NodeHealth;
  readonly #onReady: () => void;
  #ids: NodeIds;
  #node: Node | undefined;
  #lease: Lease | undefined;
  #reportedAt = -Infinity;
  #wasUnschedulable: boolean | undefined;

  /** `onReady` is called whenever the node becomes ready. */
  constructor(options: KubeletOptions, recorder: EventRecorder, health: () => NodeHealth, onReady: () => void) {
    this.#options = options;
    this.#recorder = recorder;
    this.#health = health;
    this.#onReady = onReady;
    const random = options.scope.random.fork('node-ids');
    this.#ids = options.ids ?? { bootId: random.uuid(), machineId: random.hex(32), systemUuid: random.uuid() };
  }

  /** The node as last seen. */
  get node(): Node | undefined {
    return this.#node;
  }

  /** Registers the node, reports, and goes on doing so. */
  start(): void {
    const { scope, nodeName } = this.#options;
    // A reload is not a restart (docs/decisions/0004).
    if (!this.#options.restore) this.#event('Normal', 'Starting', 'Starting kubelet.');
    this.#register();
    if (!this.#options.restore) this.#event('Normal', 'NodeAllocatableEnforced', 'Updated Node Allocatable limit across pods');
    this.#reportWhenReady(scope.now + FAST_LIMIT_MS);
    scope.every(UPDATE_PERIOD_MS, 'report node', `nodes/${nodeName}`, () => {
      this.#renewLease();
      this.report();
    });
  }

  /**
   * Differs: a starting kubelet looks every 100 ms for 5 s whether the network has come, upstream for two minutes; after that every 10 s
   * as any other change, so that a cluster without network comes to rest.
   */
  #reportWhenReady(until: number): void {
    const { scope, nodeName } = this.#options;
    if (this.#health().networkNotReady === undefined) return this.report();
    if (scope.now < until) scope.after(FAST_PERIOD_MS, 'await network', `nodes/${nodeName}`, () => this.#reportWhenReady(until));
  }

  /** A newer version of the node from the watch. */
  observe(node: Node): void {
    this.#node = node;
  }

  /**
   * Writes the node's status if it changed or was last written 5 min ago. A node that somebody has deleted stays away until
   * its kubelet starts again, as upstream.
   */
  report(): void {
    const { scope } = this.#options;
    for (let attempt = 0; attempt < 5; attempt++) {
      const node = this.#node ?? this.#find();
      if (node === undefined) return;
      this.#tellSchedulable(node.spec.unschedulable ?? false);
      const status = nodeStatus(this.#options, this.#ids, this.#health(), node.status, formatTime(scope.now));
      if (!this.#mustWrite(node.status, status)) return;
      try {
        this.#node = this.#options.client.updateStatus(NodeResource, { ...node, status });
        this.#reportedAt = scope.now;
        return this.#tell(node.status, status);
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        this.#node = undefined;
        if (!hasReason(error, 'Conflict') && !hasReason(error, 'NotFound')) return;
      }
    }
  }

  #mustWrite(before: NodeStatus | undefined, next: NodeStatus): boolean {
    if (this.#options.scope.now - this.#reportedAt >= REPORT_PERIOD_MS) return true;
    if (!deepEqual(withoutHeartbeats(before), withoutHeartbeats(next))) return true;
    return !deepEqual({ ...before, conditions: undefined }, { ...next, conditions: undefined });
  }

  #event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.#recorder.event(nodeReference(this.#options.nodeName), type, reason, message);
  }

  /** Somebody has cordoned or uncordoned the node (`recordNodeSchedulableEvent`). */
  #tellSchedulable(unschedulable: boolean): void {
    const before = this.#wasUnschedulable ?? (this.#options.restore ? unschedulable : false);
    this.#wasUnschedulable = unschedulable;
    if (before === unschedulable) return;
    const reason = unschedulable ? 'NodeNotSchedulable' : 'NodeSchedulable';
    this.#event('Normal', reason, `Node ${this.#options.nodeName} status is now: ${reason}`);
  }

  #tell(before: NodeStatus | undefined, next: NodeStatus): void {
    const { nodeName } = this.#options;
    const { bootID } = next.nodeInfo ?? {};
    if (before?.nodeInfo?.bootID && before.nodeInfo.bootID !== bootID) {
      this.#event('Warning', 'Rebooted', `Node ${nodeName} has been rebooted, boot id: ${bootID}`);
    }
    for (const { type, status } of next.conditions ?? []) {
      const reason = CONDITION_EVENTS[type]?.[status];
      const last = before?.conditions?.find((condition) => condition.type === type)?.status;
      if (reason === undefined || last === status) continue;
      if (type === 'Ready' && status === 'True') this.#onReady();
      if (last === undefined && type === 'Ready' && status === 'False') continue;
      this.#event('Normal', reason, `Node ${nodeName} status is now: ${reason}`);
    }
  }

  #find(): Node | undefined {
    try {
      return (this.#node = this.#options.client.find(NodeResource, { name: this.#options.nodeName }));
    } catch (error) {
      if (error instanceof StatusError) return undefined;
      throw error;
    }
  }

  #register(): void {
    const { client, scope, nodeName, taints, annotations } = this.#options;
    try {
      this.#node = client.find(NodeResource, { name: nodeName });
      if (this.#node === undefined) {
        const metadata = {
          name: nodeName,
          labels: nodeLabels(this.#options),
          annotations: { 'volumes.kubernetes.io/controller-managed-attach-detach': 'true', ...annotations },
        };
        const status = nodeStatus(this.#options, this.#ids, this.#health(), undefined, formatTime(scope.now));
        this.#node = client.create(NodeResource, { metadata, spec: taints?.length ? { taints: [...taints] } : {}, status });
      } else {
        this.#recallIds(this.#node);
        this.#reconcileLabels(this.#node);
      }
      initializeCSINode(client, this.#node);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      scope.after(REGISTER_RETRY_MS, 'register node', `nodes/${nodeName}`, () => this.#register(), { background: true });
      return;
    }
    this.#renewLease();
    this.report();
  }

  /** A reload of the whole cluster is no reboot. */
  #recallIds({ status }: Node): void {
    const { bootID, machineID, systemUUID } = status?.nodeInfo ?? {};
    if (this.#options.restore && bootID && machineID && systemUUID)
      this.#ids = { bootId: bootID, machineId: machineID, systemUuid: systemUUID };
  }

  /** A node that exists already gets the labels the kubelet owns (`updateDefaultLabels`). */
  #reconcileLabels(node: Node): void {
    const labels = { ...node.metadata.labels, ...nodeLabels(this.#options) };
    if (deepEqual(labels, node.metadata.labels)) return;
    this.#node = this.#options.client.update(NodeResource, { ...node, metadata: { ...node.metadata, labels } });
  }

  #renewLease(): void {
    const { client, nodeName, scope } = this.#options;
    const renewTime = formatMicroTime(scope.now);
    try {
      this.#lease ??= client.find(LeaseResource, { namespace: LEASE_NAMESPACE, name: nodeName });
      const spec = { holderIdentity: nodeName, leaseDurationSeconds: LEASE_SECONDS, renewTime };
      this.#lease = this.#lease
        ? client.update(LeaseResource, { ...this.#lease, spec: { ...this.#lease.spec, ...spec } })
        : this.#createLease(spec);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.#lease = undefined;
    }
  }

  #createLease(spec: NonNullable<Lease['spec']>): Lease {
    const { client, nodeName } = this.#options;
    const uid = this.#node?.metadata.uid;
    const ownerReferences = uid === undefined ? [] : [{ apiVersion: 'v1', kind: 'Node', name: nodeName, uid }];
    return client.create(LeaseResource, { metadata: { namespace: LEASE_NAMESPACE, name: nodeName, ownerReferences }, spec });
  }
}
