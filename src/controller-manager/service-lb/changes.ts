/** Which changes of a Service its load balancer must follow, and which of them are told (`service/controller.go`, needsUpdate). Pure. */
import type { Node, Service } from '../../api/generated/types.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';

/** The finalizer that keeps a Service until its load balancer is gone. */
export const LOAD_BALANCER_CLEANUP = 'service.kubernetes.io/load-balancer-cleanup';
const EXCLUDED = 'node.kubernetes.io/exclude-from-external-load-balancers';
const TO_BE_DELETED = 'ToBeDeletedByClusterAutoscaler';

/** Whether the cloud's own load balancer is wanted: with a class another controller's is. */
export const wantsLoadBalancer = ({ spec }: Service): boolean => spec.type === 'LoadBalancer' && spec.loadBalancerClass === undefined;

export const hasFinalizer = ({ metadata }: Service): boolean => metadata.finalizers?.includes(LOAD_BALANCER_CLEANUP) ?? false;

/** Whether a load balancer is left of a Service that goes, or wants none any more. */
export const needsCleanup = (service: Service): boolean =>
  hasFinalizer(service) && (service.metadata.deletionTimestamp !== undefined || service.spec.type !== 'LoadBalancer');

/** A change that an event tells of. */
export interface Change {
  readonly reason: string;
  readonly message: string;
}

const list = (values: readonly string[] | undefined): string => `[${(values ?? []).join(' ')}]`;

/** The change that matters first; 'silent' for one that no event tells of, undefined when nothing matters. */
export function changeOf(old: Service, next: Service): Change | 'silent' | undefined {
  const [before, after] = [old.spec, next.spec];
  if (!wantsLoadBalancer(old) && !wantsLoadBalancer(next)) return undefined;
  if (wantsLoadBalancer(old) !== wantsLoadBalancer(next)) return { reason: 'Type', message: `${before.type} -> ${after.type}` };
  if (!deepEqual(before.loadBalancerSourceRanges ?? [], after.loadBalancerSourceRanges ?? []))
    return {
      reason: 'LoadBalancerSourceRanges',
      message: `${list(before.loadBalancerSourceRanges)} -> ${list(after.loadBalancerSourceRanges)}`,
    };
  const silent = (['ports', 'sessionAffinity', 'sessionAffinityConfig'] as const).some((field) => !deepEqual(before[field], after[field]));
  if (silent) return 'silent';
  if ((before.loadBalancerIP ?? '') !== (after.loadBalancerIP ?? ''))
    return { reason: 'LoadbalancerIP', message: `${before.loadBalancerIP ?? ''} -> ${after.loadBalancerIP ?? ''}` };
  const [ownBefore, ownAfter] = [before.externalIPs ?? [], after.externalIPs ?? []];
  if (ownBefore.length !== ownAfter.length) return { reason: 'ExternalIP', message: `Count: ${ownBefore.length} -> ${ownAfter.length}` };
  const added = ownAfter.find((ip, index) => ip !== ownBefore[index]);
  if (added !== undefined) return { reason: 'ExternalIP', message: `Added: ${added}` };
  if (!deepEqual(old.metadata.annotations ?? {}, next.metadata.annotations ?? {})) return 'silent';
  if (old.metadata.uid !== next.metadata.uid) return { reason: 'UID', message: `${old.metadata.uid} -> ${next.metadata.uid}` };
  if (before.externalTrafficPolicy !== after.externalTrafficPolicy)
    return { reason: 'ExternalTrafficPolicy', message: `${before.externalTrafficPolicy ?? ''} -> ${after.externalTrafficPolicy ?? ''}` };
  if ((before.healthCheckNodePort ?? 0) !== (after.healthCheckNodePort ?? 0))
    return { reason: 'HealthCheckNodePort', message: `${before.healthCheckNodePort ?? 0} -> ${after.healthCheckNodePort ?? 0}` };
  if ((before.ipFamilies ?? []).length !== (after.ipFamilies ?? []).length)
    return { reason: 'IPFamilies', message: `Count: ${(before.ipFamilies ?? []).length} -> ${(after.ipFamilies ?? []).length}` };
  return undefined;
}

/** Whether a load balancer sends traffic to the node; readiness is the load balancer's own to find out. */
export const isBackend = ({ metadata, spec }: Node): boolean =>
  metadata.deletionTimestamp === undefined &&
  metadata.labels?.[EXCLUDED] === undefined &&
  !spec.taints?.some(({ key }) => key === TO_BE_DELETED);
