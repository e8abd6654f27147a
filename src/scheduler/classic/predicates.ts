/**
 * The classic mode's predicates: the filters of the scheduler before its framework (`plugin/pkg/scheduler/algorithm/predicates`,
 * until release 1.22), under their old names and with their old words. What they decide is what today's plugins decide, so they
 * are made of those.
 */
import type { PersistentVolumeClaim, Volume } from '../../api/generated/types.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import { claimName } from '../cache/pod-claims.ts';
import type { PodInfo } from '../cache/pod-info.ts';
import type { CycleState } from '../framework/cycle-state.ts';
import type { Handle, Informers, Plugin, PluginFactory } from '../framework/interface.ts';
import { Status, unschedulable } from '../framework/status.ts';
import { interPodAffinity } from '../plugins/inter-pod-affinity.ts';
import { nodeAffinity } from '../plugins/node-affinity.ts';
import { nodeName } from '../plugins/node-name.ts';
import { nodePorts } from '../plugins/node-ports.ts';
import { nodeResourcesFit } from '../plugins/node-resources-fit.ts';
import { nodeUnschedulable } from '../plugins/node-unschedulable.ts';
import { taintToleration } from '../plugins/taint-toleration.ts';
import { volumeBinding } from '../plugins/volume-binding.ts';
import { volumeRestrictions } from '../plugins/volume-restrictions.ts';
import { volumeZone } from '../plugins/volume-zone.ts';

const renamed = (status: Status, name: string, reason: string | undefined): Status =>
  new Status(status.code, reason === undefined || !status.isRejected ? status.reasons : [reason], name);

/** Today's plugin as a filter only, under another name; `reason` replaces its words. */
export function asPredicate(name: string, factory: PluginFactory, reason?: string): PluginFactory {
  return (args, handle) => {
    const { preFilter, filter, ...rest } = bound(factory(args, handle));
    return {
      ...rest,
      name,
      ...(preFilter && {
        preFilter: (state, pod, nodes) => {
          const answer = preFilter(state, pod, nodes);
          return answer instanceof Status ? renamed(answer, name, undefined) : answer;
        },
      }),
      filter: (state, pod, node) => {
        const status = filter?.(state, pod, node);
        return status && renamed(status, name, reason);
      },
    };
  };
}

/** The plugin's functions, callable without it. */
function bound(plugin: Plugin): Omit<Plugin, 'name'> {
  return {
    events: plugin.events,
    preFilter: plugin.preFilter?.bind(plugin),
    addPod: plugin.addPod?.bind(plugin),
    removePod: plugin.removePod?.bind(plugin),
    filter: plugin.filter?.bind(plugin),
    reserve: plugin.reserve?.bind(plugin),
    unreserve: plugin.unreserve?.bind(plugin),
    preBind: plugin.preBind?.bind(plugin),
    preBindTimeoutMs: plugin.preBindTimeoutMs,
  };
}

const HOST_NAME = "node(s) didn't match the requested hostname";
const SELECTOR = "node(s) didn't match node selector";

/** The four that every kubelet checks as well; all their reasons are told. */
const generalPredicates: PluginFactory = (args, handle) => {
  const name = 'GeneralPredicates';
  const parts = [
    asPredicate(name, nodeResourcesFit)(args, handle),
    asPredicate(name, nodeName as PluginFactory, HOST_NAME)({}, handle),
    asPredicate(name, nodePorts as PluginFactory)({}, handle),
    asPredicate(name, nodeAffinity, SELECTOR)({}, handle),
  ];
  return {
    name,
    events: parts.flatMap(({ events = [] }) => events),
    // Each part's own PreFilter state is needed; a part that has nothing to filter passes every node anyway.
    preFilter(state, pod, nodes) {
      for (const part of parts) {
        const answer = part.preFilter?.(state, pod, nodes);
        if (answer instanceof Status && answer.code !== 'Skip') return answer;
      }
      return undefined;
    },
    filter(state: CycleState, pod: PodInfo, node: NodeInfo) {
      const refusals = parts.flatMap((part) => part.filter?.(state, pod, node) ?? []);
      const [first] = refusals;
      if (first === undefined) return undefined;
      const final = refusals.some(({ code }) => code === 'UnschedulableAndUnresolvable');
      const reasons = refusals.flatMap((refusal) => refusal.reasons);
      return new Status(final ? 'UnschedulableAndUnresolvable' : 'Unschedulable', reasons, name);
    },
  };
};

type Identify = (source: Pick<Volume, 'awsElasticBlockStore' | 'gcePersistentDisk' | 'azureDisk'>) => string | undefined;

/** Distinct disks of one kind that the pod mounts, directly or through claims. */
function disksOf({ pod }: PodInfo, { persistentVolumeClaims, persistentVolumes }: Informers, identify: Identify): string[] {
  return (pod.spec.volumes ?? []).flatMap((volume) => {
    const direct = identify(volume);
    if (direct !== undefined) return [direct];
    const claim = claimName(pod, volume);
    if (claim === undefined) return [];
    const found: PersistentVolumeClaim | undefined = persistentVolumeClaims.get(`${pod.metadata.namespace ?? ''}/${claim}`);
    const bound = found?.spec.volumeName && persistentVolumes.get(found.spec.volumeName);
    return (bound && identify(bound.spec as Volume)) || [];
  });
}

/** At most `max` disks of one kind on a node: what the cloud's machines could attach. */
const maxVolumes =
  (name: string, max: number, identify: Identify): PluginFactory =>
  (_args, { informers }: Handle) => {
    const exceeded = unschedulable(name, 'node(s) exceed max volume count');
    return {
      name,
      filter(_state, pod, node) {
        const wanted = disksOf(pod, informers, identify);
        if (wanted.length === 0) return undefined;
        const disks = new Set(wanted);
        for (const other of node.pods.values()) for (const disk of disksOf(other, informers, identify)) disks.add(disk);
        return disks.size > max ? exceeded : undefined;
      },
    };
  };

/** Predicates by name, in the order in which they ran. */
export const PREDICATES: Readonly<Record<string, PluginFactory>> = {
  CheckNodeUnschedulable: asPredicate('CheckNodeUnschedulable', nodeUnschedulable as PluginFactory),
  GeneralPredicates: generalPredicates,
  HostName: asPredicate('HostName', nodeName as PluginFactory, HOST_NAME),
  PodFitsHostPorts: asPredicate('PodFitsHostPorts', nodePorts as PluginFactory),
  MatchNodeSelector: asPredicate('MatchNodeSelector', nodeAffinity, SELECTOR),
  PodFitsResources: asPredicate('PodFitsResources', nodeResourcesFit),
  NoDiskConflict: asPredicate('NoDiskConflict', volumeRestrictions as PluginFactory),
  PodToleratesNodeTaints: asPredicate(
    'PodToleratesNodeTaints',
    taintToleration as PluginFactory,
    "node(s) had taints that the pod didn't tolerate",
  ),
  MaxEBSVolumeCount: maxVolumes('MaxEBSVolumeCount', 39, ({ awsElasticBlockStore }) => awsElasticBlockStore?.volumeID),
  MaxGCEPDVolumeCount: maxVolumes('MaxGCEPDVolumeCount', 16, ({ gcePersistentDisk }) => gcePersistentDisk?.pdName),
  MaxAzureDiskVolumeCount: maxVolumes('MaxAzureDiskVolumeCount', 16, ({ azureDisk }) => azureDisk?.diskName),
  CheckVolumeBinding: asPredicate('CheckVolumeBinding', volumeBinding),
  NoVolumeZoneConflict: asPredicate('NoVolumeZoneConflict', volumeZone as PluginFactory),
  MatchInterPodAffinity: asPredicate('MatchInterPodAffinity', interPodAffinity),
};
