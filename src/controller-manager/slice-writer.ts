/**
 * Writing the EndpointSlices of one Service, for both controllers that make any (`k8s.io/endpointslice/reconciler.go`
 * finalize, `pkg/controller/endpointslicemirroring/reconciler.go`).
 */
import { EndpointSliceResource } from '../api/discovery/endpoint-slice.ts';
import type { EndpointSlice } from '../api/generated/types.ts';
import { deepEqual } from '../apimachinery/freeze.ts';
import { keyOf, newControllerRef } from '../apimachinery/meta.ts';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { hasReason } from '../apimachinery/status.ts';
import type { Controller } from '../client/controller.ts';
import type { Informer } from '../client/informer.ts';
import type { ControllerDeps } from './deps.ts';
import { planSlices } from './slice-packing.ts';
import type { PortGroup, SlicePlan } from './slice-packing.ts';
import { SliceTracker } from './slice-tracker.ts';

/** Label: the Service that a slice belongs to. */
export const SERVICE_NAME = 'kubernetes.io/service-name';
/** Label: the controller that keeps a slice. */
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
/** How soon to look again when the cache lacks our own last write. */
export const STALE_RETRY_MS = 5;

/** The slices that one controller keeps, by Service. */
export interface ManagedSlices {
  informer: Informer<EndpointSlice>;
  /** The keys of the Services (one or none) that the slice belongs to. */
  serviceKeys(slice: EndpointSlice): string[];
  /** The slices of a Service that are not being deleted. */
  of(serviceKey: string): EndpointSlice[];
}

/** The slices whose label says that `controllerName` keeps them. */
export function slicesManagedBy({ informers }: ControllerDeps, controllerName: string): ManagedSlices {
  const serviceKeys = ({ metadata }: EndpointSlice) => {
    const service = metadata.labels?.[SERVICE_NAME];
    return service === undefined || metadata.labels?.[MANAGED_BY] !== controllerName ? [] : [`${metadata.namespace ?? ''}/${service}`];
  };
  const informer = informers.informer(EndpointSliceResource).addIndex(controllerName, serviceKeys);
  const isAlive = ({ metadata }: EndpointSlice) => metadata.deletionTimestamp === undefined;
  return { informer, serviceKeys, of: (key) => [...informer.byIndex(controllerName, key)].filter(isAlive) };
}

/** What all slices of one Service have. */
export interface SliceContent {
  /** The Service, or the Endpoints that are mirrored; both have the Service's name. */
  owner: KubernetesObject;
  labels: Record<string, string>;
  annotations?: Record<string, string>;
}

/** Creates, updates and deletes slices, and knows which of that the cache has not shown yet. */
export class SliceWriter {
  readonly #deps: ControllerDeps;
  readonly #tracker = new SliceTracker();

  /** Somebody else's change to a slice enqueues its Service; our own writes are only ticked off. */
  constructor(deps: ControllerDeps, controller: Controller, { informer, serviceKeys }: ManagedSlices) {
    this.#deps = deps;
    const seen = (slice: EndpointSlice) => {
      for (const key of serviceKeys(slice)) if (!this.#tracker.seen(key, slice)) controller.enqueue(key);
    };
    informer.addHandler({ add: seen, update: seen, delete: seen }, deps.scope);
  }

  /** True while a write to one of the Service's slices has not come back. */
  isStale(serviceKey: string): boolean {
    return this.#tracker.isStale(serviceKey);
  }

  /**
   * Brings the slices of one address type to what `groups` says. Without any endpoint one empty slice remains.
   * `adjust` may change the plan, given also the slices that it leaves alone.
   */
  write(
    content: SliceContent,
    addressType: string,
    all: readonly EndpointSlice[],
    groups: Map<string, PortGroup>,
    adjust?: (plan: SlicePlan, unchanged: readonly EndpointSlice[]) => void,
  ): void {
    const existing = all.filter((slice) => slice.addressType === addressType);
    if (groups.size === 0) groups.set('', { ports: [], endpoints: [] });
    const plan = planSlices(existing, groups);
    if (plan.create.length === 0 && plan.update.length === 0 && existing.length === plan.delete.length)
      plan.create.push({ ports: [], endpoints: [] });
    relabel(plan, content, existing);
    reuse(plan);
    if (adjust !== undefined) {
      const touched = new Set([...plan.update.map(({ slice }) => slice), ...plan.delete]);
      adjust(
        plan,
        existing.filter((slice) => !touched.has(slice)),
      );
    }
    this.#carryOut(plan, content, addressType);
  }

  /** Deletes a slice of the Service. */
  remove(serviceKey: string, slice: EndpointSlice): void {
    try {
      this.#deps.client.delete(EndpointSliceResource, slice.metadata);
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
    this.#tracker.deletes(serviceKey, slice);
  }

  #carryOut(plan: SlicePlan, { owner, labels, annotations }: SliceContent, addressType: string): void {
    const { client } = this.#deps;
    const key = keyOf(owner);
    const common = { labels, ...(annotations && { annotations }) };
    for (const { slice, endpoints } of plan.update) {
      const metadata = { ...slice.metadata, ...common };
      this.#tracker.wrote(key, client.update(EndpointSliceResource, { ...slice, metadata, endpoints }));
    }
    for (const { ports, endpoints } of plan.create) {
      const { name, namespace } = owner.metadata;
      const metadata = { generateName: `${name}-`, namespace, ...common, ownerReferences: [newControllerRef(owner)] };
      this.#tracker.wrote(key, client.create(EndpointSliceResource, { metadata, addressType, endpoints, ports: [...ports] }));
    }
    for (const slice of plan.delete) this.remove(key, slice);
  }
}

/** The owner's labels changed: its slices carry them too. */
function relabel(plan: SlicePlan, { labels, annotations }: SliceContent, existing: readonly EndpointSlice[]): void {
  const planned = new Set([...plan.update.map(({ slice }) => slice), ...plan.delete]);
  for (const slice of existing) {
    if (planned.has(slice)) continue;
    const { metadata } = slice;
    const same = deepEqual(metadata.labels, labels) && (annotations === undefined || deepEqual(metadata.annotations ?? {}, annotations));
    if (!same) plan.update.push({ slice, endpoints: slice.endpoints ?? [] });
  }
}

/** A slice to delete and one to create become one update. */
function reuse(plan: SlicePlan): void {
  while (plan.create.length > 0 && plan.delete.length > 0) {
    const slice = plan.delete.pop();
    const made = plan.create.pop();
    if (slice && made) plan.update.push({ slice: { ...slice, ports: [...made.ports] }, endpoints: made.endpoints });
  }
}
