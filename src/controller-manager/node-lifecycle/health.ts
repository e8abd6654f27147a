/**
 * How a silent node is found out, and what follows (`pkg/controller/nodelifecycle/node_lifecycle_controller.go`). Pure.
 */
import type { Node, NodeCondition, Taint } from '../../api/generated/types.ts';
import { findCondition } from '../../apimachinery/conditions.ts';
import { formatTime } from '../../apimachinery/durations.ts';
import {
  DISK_PRESSURE,
  MEMORY_PRESSURE,
  NETWORK_UNAVAILABLE,
  NOT_READY,
  PID_PRESSURE,
  UNREACHABLE,
  UNSCHEDULABLE,
} from '../../api/core/taints.ts';

/** How often nodes are looked at (`--node-monitor-period`). */
export const MONITOR_PERIOD_MS = 5000;
/** Silence after which a node is Unknown (`--node-monitor-grace-period`, 50 s since 1.32). */
export const GRACE_PERIOD_MS = 50_000;
/** The same for a node that has not yet said anything (`--node-startup-grace-period`). */
export const STARTUP_GRACE_PERIOD_MS = 60_000;
/** Nodes tainted NoExecute per second in a healthy zone, and in a large half-broken one. */
export const EVICTION_RATE = 0.1;
export const SECONDARY_EVICTION_RATE = 0.01;
/** A zone with at least this share of nodes down is half broken. */
export const UNHEALTHY_ZONE_THRESHOLD = 0.55;
/** A half-broken zone of up to so many nodes evicts nothing. */
export const LARGE_CLUSTER_SIZE = 50;

const MONITORED = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'];

/** What is remembered of a node between two looks. */
export interface NodeHealth {
  /** When it was last heard, by its status or its lease. */
  heardMs: number;
  heartbeat: string | undefined;
  renewTime: string | undefined;
}

/**
 * The memory after a look at the node and its lease's renewTime.
 * Differs: a controller that sees the node for the first time counts the silence by which its lease is behind `newestRenewal`, that of
 * all leases; upstream gives every node the whole grace period anew. So a silence goes on where it was when a page is loaded again,
 * and nobody is blamed for a time in which no lease could be written.
 */
export function listen(
  known: NodeHealth | undefined,
  node: Node,
  renewTime: string | undefined,
  nowMs: number,
  newestRenewal?: string,
): NodeHealth {
  const heartbeat = findCondition(node.status?.conditions, 'Ready')?.lastHeartbeatTime;
  if (known === undefined) {
    const neverPosted = findCondition(node.status?.conditions, 'Ready') === undefined;
    const createdMs = Date.parse(node.metadata.creationTimestamp);
    const behindMs = renewTime && newestRenewal ? Date.parse(newestRenewal) - Date.parse(renewTime) : 0;
    return { heardMs: neverPosted ? createdMs : Math.max(createdMs, nowMs - behindMs), heartbeat, renewTime };
  }
  const heard = heartbeat !== known.heartbeat || (renewTime !== undefined && renewTime !== known.renewTime);
  return { heardMs: heard ? nowMs : known.heardMs, heartbeat, renewTime: renewTime ?? known.renewTime };
}

/** The node's conditions when it has been silent for too long: all Unknown. Undefined when it has not, or they are already. */
export function conditionsOfSilence(
  node: Node,
  health: NodeHealth,
  nowMs: number,
  gracePeriodMs = GRACE_PERIOD_MS,
): NodeCondition[] | undefined {
  const conditions = node.status?.conditions ?? [];
  const graceMs = findCondition(conditions, 'Ready') === undefined ? STARTUP_GRACE_PERIOD_MS : gracePeriodMs;
  if (nowMs <= health.heardMs + graceMs) return undefined;
  const now = formatTime(nowMs);
  let next = conditions;
  for (const type of MONITORED) {
    const current = findCondition(next, type);
    if (current === undefined) {
      const { creationTimestamp } = node.metadata;
      const never = { reason: 'NodeStatusNeverUpdated', message: 'Kubelet never posted node status.' };
      next = [...next, { type, status: 'Unknown', ...never, lastHeartbeatTime: creationTimestamp, lastTransitionTime: now }];
    } else if (current.status !== 'Unknown') {
      const silent = { reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' };
      next = next.map((condition) =>
        condition === current ? { ...current, status: 'Unknown', ...silent, lastTransitionTime: now } : condition,
      );
    }
  }
  return next === conditions ? undefined : next;
}

/** Condition type → status → the taint's key. */
const CONDITION_TAINTS: Record<string, Record<string, string>> = {
  Ready: { False: NOT_READY, Unknown: UNREACHABLE },
  MemoryPressure: { True: MEMORY_PRESSURE },
  DiskPressure: { True: DISK_PRESSURE },
  NetworkUnavailable: { True: NETWORK_UNAVAILABLE },
  PIDPressure: { True: PID_PRESSURE },
};

const NO_SCHEDULE_KEYS = [NOT_READY, UNREACHABLE, UNSCHEDULABLE, NETWORK_UNAVAILABLE, MEMORY_PRESSURE, DISK_PRESSURE, PID_PRESSURE];

/** All taints by which conditions and cordoning keep pods away, set or not. */
export const ALL_NO_SCHEDULE: readonly Taint[] = NO_SCHEDULE_KEYS.map((key) => ({ key, effect: 'NoSchedule' }));

/** Those that the node should have now (`doNoScheduleTaintingPass`). */
export function noScheduleTaints({ status, spec }: Node): Taint[] {
  const taints: Taint[] = [];
  for (const { type, status: value } of status?.conditions ?? []) {
    const key = CONDITION_TAINTS[type]?.[value];
    if (key !== undefined) taints.push({ key, effect: 'NoSchedule' });
  }
  if (spec?.unschedulable) taints.push({ key: UNSCHEDULABLE, effect: 'NoSchedule' });
  return taints;
}

/** The taint that evicts from a node whose Ready has this status; none when it is True (`processTaintBaseEviction`). */
export function noExecuteTaint(ready: string | undefined, nowMs: number): Taint | undefined {
  if (ready === 'True') return undefined;
  return { key: ready === 'False' ? NOT_READY : UNREACHABLE, effect: 'NoExecute', timeAdded: formatTime(nowMs) };
}

/** How broken a zone is (`ComputeZoneState`). */
export type ZoneState = 'Normal' | 'PartialDisruption' | 'FullDisruption';

/** The state of a zone from the Ready statuses of its nodes. */
export function zoneState(ready: number, notReady: number): ZoneState {
  if (ready === 0 && notReady > 0) return 'FullDisruption';
  if (notReady > 2 && notReady / (ready + notReady) >= UNHEALTHY_ZONE_THRESHOLD) return 'PartialDisruption';
  return 'Normal';
}

/** Nodes per second that may get their NoExecute taint in a zone of this state and size (`setLimiterInZone`). */
export function evictionRate(state: ZoneState, nodes: number): number {
  if (state !== 'PartialDisruption') return EVICTION_RATE;
  return nodes > LARGE_CLUSTER_SIZE ? SECONDARY_EVICTION_RATE : 0;
}
