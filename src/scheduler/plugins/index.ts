/**
 * The one list of scheduler plugins (`plugins/registry.go`) and the default profile
 * (`pkg/scheduler/apis/config/v1/default_plugins.go`).
 */
import type { PluginRegistry } from '../config.ts';
import { borgProfile } from '../borg/profile.ts';
import { classicProfile } from '../classic/policy.ts';
import { defaultBinder } from './default-binder.ts';
import { imageLocality } from './image-locality.ts';
import { defaultPreemption } from './default-preemption.ts';
import { interPodAffinity } from './inter-pod-affinity.ts';
import { nodeAffinity } from './node-affinity.ts';
import { nodeName } from './node-name.ts';
import { nodePorts } from './node-ports.ts';
import { nodeResourcesBalancedAllocation } from './node-resources-balanced-allocation.ts';
import { nodeResourcesFit } from './node-resources-fit.ts';
import { nodeUnschedulable } from './node-unschedulable.ts';
import { podTopologySpread } from './pod-topology-spread.ts';
import { prioritySort } from './priority-sort.ts';
import { schedulingGates } from './scheduling-gates.ts';
import { taintToleration } from './taint-toleration.ts';
import { nodeVolumeLimits } from './node-volume-limits.ts';
import { volumeBinding } from './volume-binding.ts';
import { volumeRestrictions } from './volume-restrictions.ts';
import { volumeZone } from './volume-zone.ts';

/** In the order in which the default profile runs them. */
export const DEFAULT_REGISTRY: PluginRegistry = {
  classic: classicProfile,
  borg: borgProfile,
  factories: {
    SchedulingGates: schedulingGates,
    PrioritySort: prioritySort,
    NodeUnschedulable: nodeUnschedulable,
    NodeName: nodeName,
    TaintToleration: taintToleration,
    NodeAffinity: nodeAffinity,
    NodePorts: nodePorts,
    NodeResourcesFit: nodeResourcesFit,
    VolumeRestrictions: volumeRestrictions,
    NodeVolumeLimits: nodeVolumeLimits,
    VolumeBinding: volumeBinding,
    VolumeZone: volumeZone,
    PodTopologySpread: podTopologySpread,
    InterPodAffinity: interPodAffinity,
    DefaultPreemption: defaultPreemption,
    NodeResourcesBalancedAllocation: nodeResourcesBalancedAllocation,
    ImageLocality: imageLocality,
    DefaultBinder: defaultBinder,
  },
  defaults: [
    { name: 'SchedulingGates' },
    { name: 'PrioritySort' },
    { name: 'NodeUnschedulable' },
    { name: 'NodeName' },
    { name: 'TaintToleration', weight: 3 },
    { name: 'NodeAffinity', weight: 2 },
    { name: 'NodePorts' },
    { name: 'NodeResourcesFit', weight: 1 },
    { name: 'VolumeRestrictions' },
    { name: 'NodeVolumeLimits' },
    { name: 'VolumeBinding' },
    { name: 'VolumeZone' },
    { name: 'PodTopologySpread', weight: 2 },
    { name: 'InterPodAffinity', weight: 2 },
    { name: 'DefaultPreemption' },
    { name: 'NodeResourcesBalancedAllocation', weight: 1 },
    { name: 'ImageLocality', weight: 1 },
    { name: 'DefaultBinder' },
  ],
};
