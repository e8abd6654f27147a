/** What the first screen shows, and the form in which it is shipped before the engine has come. */
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { ClockState } from '../../worker/protocol.ts';
import { NAMESPACES, NODES, PODS, SCENARIOS } from './resources.ts';
import type { ResourceRef } from './live-store.ts';

const of = (group: string, ...plurals: string[]): ResourceRef[] => plurals.map((plural) => ({ group, version: 'v1', plural }));

/** Resources that the shell and the picture of the cluster read. */
export const FIRST_SCREEN_RESOURCES: readonly ResourceRef[] = [
  NODES,
  PODS,
  NAMESPACES,
  SCENARIOS,
  ...of('', 'services', 'replicationcontrollers'),
  ...of('discovery.k8s.io', 'endpointslices'),
  ...of('apps', 'deployments', 'statefulsets', 'daemonsets', 'replicasets'),
  ...of('batch', 'jobs', 'cronjobs'),
];

/** A fresh default cluster, once nothing is left to do. */
export interface FirstScreen {
  clock: ClockState;
  /** By "group/version/plural". */
  objects: Readonly<Record<string, readonly KubernetesObject[]>>;
}
