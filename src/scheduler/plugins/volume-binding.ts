/**
 * VolumeBinding (`plugins/volumebinding`). PreFilter: all claims exist, and those of Immediate classes are bound. Filter: bound
 * volumes can be reached from the node, and each unbound claim of a WaitForFirstConsumer class finds a free volume there or a
 * provisioner that serves the node. Reserve picks, PreBind writes (claimRef on the volume, or the annotation
 * volume.kubernetes.io/selected-node on the claim) and waits until all claims are bound.
 * Differs: CSIStorageCapacity is not looked at, so "node(s) did not have enough free storage" never comes; waiting ends with
 * the change of a claim or volume, where upstream polls every second.
 */
import { PersistentVolumeClaimResource } from '../../api/core/persistent-volume-claim.ts';
import { PersistentVolumeResource } from '../../api/core/persistent-volume.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/generated/types.ts';
import { StatusError } from '../../apimachinery/status.ts';
import { claimKeys, claimName } from '../cache/pod-claims.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import { StateKey } from '../framework/cycle-state.ts';
import type { CycleState } from '../framework/cycle-state.ts';
import { Action } from '../framework/events.ts';
import type { Handle, Plugin, PreFilterAnswer } from '../framework/interface.ts';
import { failed, skip, Status, unresolvable } from '../framework/status.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import { AssumedVolumes } from '../helpers/assumed-volumes.ts';
import {
  findMatchingVolume,
  isFullyBound,
  provisionable,
  SELECTED_NODE,
  volumeReachable,
  waitsForFirstConsumer,
} from '../helpers/volume-matching.ts';

const NAME = 'VolumeBinding';
const SKIP = skip(NAME);
const WAIT = new Status('Wait', [], NAME);
const UNBOUND_IMMEDIATE = unresolvable(NAME, 'pod has unbound immediate PersistentVolumeClaims');
const REASON_NODE_CONFLICT = 'node(s) had volume node affinity conflict';
const REASON_BIND_CONFLICT = "node(s) didn't find available persistent volumes to bind";
const REASON_VOLUME_MISSING = 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)';

/** What is to be written for a pod on a node. */
interface VolumeDecision {
  /** Claims that get an existing volume. */
  readonly static: readonly { claim: PersistentVolumeClaim; volume: PersistentVolume }[];
  /** Claims whose volume is to be made for the node. */
  readonly dynamic: readonly PersistentVolumeClaim[];
}

interface VolumeState {
  readonly bound: readonly PersistentVolumeClaim[];
  /** Unbound claims that wait for their first consumer, smallest request first. */
  readonly delayed: readonly PersistentVolumeClaim[];
  readonly decisions: Map<string, VolumeDecision>;
  /** PreBind has written; from now on it only waits. */
  written: boolean;
}

const volumes = new StateKey<VolumeState>(`PreFilter${NAME}`);
const NOTHING: VolumeDecision = { static: [], dynamic: [] };

class VolumeBinding implements Plugin {
  readonly name: string = NAME;
  readonly preBindTimeoutMs: number;
  readonly #handle: Handle;
  readonly #assumed = new AssumedVolumes();

  constructor(handle: Handle, bindTimeoutSeconds: number) {
    this.#handle = handle;
    this.preBindTimeoutMs = bindTimeoutSeconds * 1000;
  }

  readonly events: Plugin['events'] = [
    { event: { resource: 'StorageClass', action: Action.Add | Action.Update } },
    {
      event: { resource: 'PersistentVolumeClaim', action: Action.Add | Action.Update },
      hint: (pod, { object }) => claimKeys(pod).includes(`${object?.metadata.namespace ?? ''}/${object?.metadata.name ?? ''}`),
    },
    { event: { resource: 'PersistentVolume', action: Action.Add | Action.Update } },
    { event: { resource: 'Node', action: Action.Add | Action.UpdateNodeLabel } },
    { event: { resource: 'CSINode', action: Action.Add | Action.Update } },
  ];

  preFilter(state: CycleState, { pod }: PodInfo): PreFilterAnswer {
    if (claimKeys(pod).length === 0) return SKIP;
    const bound: PersistentVolumeClaim[] = [];
    const delayed: PersistentVolumeClaim[] = [];
    let immediate = false;
    for (const volume of pod.spec.volumes ?? []) {
      const name = claimName(pod, volume);
      if (name === undefined) continue;
      const claim = this.#claim(`${pod.metadata.namespace ?? ''}/${name}`);
      const fault = claimFault(pod, name, claim, volume.ephemeral !== undefined);
      if (fault !== undefined || claim === undefined) return unresolvable(NAME, fault ?? '');
      if (isFullyBound(claim)) bound.push(claim);
      else if (waitsForFirstConsumer(claim, this.#handle.informers.storageClasses) && !claim.spec.volumeName) delayed.push(claim);
      else immediate = true;
    }
    if (immediate) return UNBOUND_IMMEDIATE;
    state.write(volumes, { bound, delayed, decisions: new Map(), written: false });
    return undefined;
  }

  filter(state: CycleState, _pod: PodInfo, node: NodeInfo): Status | undefined {
    const found = state.read(volumes);
    if (found === undefined || node.node === undefined) return undefined;
    const reasons: string[] = [];
    for (const claim of found.bound) {
      const volume = this.#handle.informers.persistentVolumes.get(claim.spec.volumeName ?? '');
      if (volume === undefined) return unresolvable(NAME, REASON_VOLUME_MISSING);
      if (!volumeReachable(volume, node)) {
        reasons.push(REASON_NODE_CONFLICT);
        break;
      }
    }
    const decision = this.#decide(found.delayed, node);
    if (decision === undefined) reasons.push(REASON_BIND_CONFLICT);
    else found.decisions.set(node.name, decision);
    return reasons.length === 0 ? undefined : new Status('UnschedulableAndUnresolvable', reasons, NAME);
  }

  reserve(state: CycleState, pod: PodInfo, nodeName: string): undefined {
    for (const { claim, volume } of this.#decision(state, nodeName).static) this.#assumed.assume(volume, claim, pod.uid);
    return undefined;
  }

  unreserve(_state: CycleState, pod: PodInfo): void {
    this.#assumed.release(pod.uid);
  }

  preBind(state: CycleState, pod: PodInfo, nodeName: string): Status | undefined {
    const found = state.read(volumes);
    if (found === undefined || found.delayed.length === 0) return undefined;
    try {
      if (!found.written) this.#write(this.#decision(state, nodeName), nodeName);
      found.written = true;
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      return failed(NAME, error.message);
    }
    const { namespace = '' } = pod.pod.metadata;
    for (const { metadata } of found.delayed) {
      const claim = this.#claim(`${namespace}/${metadata.name}`);
      if (claim === undefined) return failed(NAME, `persistentvolumeclaim "${metadata.name}" not found`);
      if (!isFullyBound(claim)) return WAIT;
    }
    this.#assumed.release(pod.uid);
    return undefined;
  }

  #claim(key: string): PersistentVolumeClaim | undefined {
    return this.#handle.informers.persistentVolumeClaims.get(key);
  }

  #decision(state: CycleState, nodeName: string): VolumeDecision {
    return state.read(volumes)?.decisions.get(nodeName) ?? NOTHING;
  }

  #decide(delayed: readonly PersistentVolumeClaim[], node: NodeInfo): VolumeDecision | undefined {
    if (delayed.length === 0) return NOTHING;
    const { persistentVolumes, storageClasses } = this.#handle.informers;
    const taken = new Set<string>();
    const matched: { claim: PersistentVolumeClaim; volume: PersistentVolume }[] = [];
    const dynamic: PersistentVolumeClaim[] = [];
    for (const claim of delayed) {
      const selected = claim.metadata.annotations?.[SELECTED_NODE];
      if (selected !== undefined && selected !== node.name) return undefined;
      const free = (volume: PersistentVolume) => !taken.has(volume.metadata.name) && !this.#assumed.has(volume, claim);
      const volume = selected === undefined ? findMatchingVolume(claim, persistentVolumes.list(), node, free) : undefined;
      if (volume !== undefined) {
        taken.add(volume.metadata.name);
        matched.push({ claim, volume });
      } else if (provisionable(claim, node, storageClasses)) dynamic.push(claim);
      else return undefined;
    }
    return { static: matched, dynamic };
  }

  #write(decision: VolumeDecision, nodeName: string): void {
    const { client } = this.#handle;
    for (const { claim, volume } of decision.static) {
      const { name, namespace, uid, resourceVersion } = claim.metadata;
      const claimRef = { kind: 'PersistentVolumeClaim', apiVersion: 'v1', name, namespace, uid, resourceVersion };
      const annotations = { 'pv.kubernetes.io/bound-by-controller': 'yes' };
      client.patch(PersistentVolumeResource, volume.metadata, 'merge', {
        metadata: { annotations, resourceVersion: volume.metadata.resourceVersion },
        spec: { claimRef },
      });
    }
    for (const { metadata } of decision.dynamic) {
      if (metadata.annotations?.[SELECTED_NODE] === nodeName) continue;
      client.patch(PersistentVolumeClaimResource, metadata, 'merge', { metadata: { annotations: { [SELECTED_NODE]: nodeName } } });
    }
  }
}

/** Why the pod cannot be scheduled with the claim as it is, whatever the node. */
function claimFault(pod: Pod, name: string, claim: PersistentVolumeClaim | undefined, isEphemeral: boolean): string | undefined {
  if (claim === undefined) {
    return isEphemeral
      ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
      : `persistentvolumeclaim "${name}" not found`;
  }
  if (claim.status?.phase === 'Lost')
    return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec.volumeName ?? ''}"`;
  if (claim.metadata.deletionTimestamp !== undefined) return `persistentvolumeclaim "${name}" is being deleted`;
  if (isEphemeral && !claim.metadata.ownerReferences?.some(({ uid, controller }) => controller && uid === pod.metadata.uid)) {
    return `PVC ${pod.metadata.namespace ?? ''}/${name} was not created for pod ${pod.metadata.namespace ?? ''}/${pod.metadata.name} (pod is not owner)`;
  }
  return undefined;
}

/** Makes the VolumeBinding plugin from its `VolumeBindingArgs`. */
export function volumeBinding(args: Readonly<Record<string, unknown>>, handle: Handle): Plugin {
  const { bindTimeoutSeconds = 600 } = args as { bindTimeoutSeconds?: number };
  return new VolumeBinding(handle, bindTimeoutSeconds);
}
