/** What the first screen shows, and the form in which it is shipped before the engine has come. Read by the build, so it knows no browser. */
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { ClockState } from '../../worker/protocol.ts';

const of = (group: string, version: string, ...plurals: string[]) => plurals.map((plural) => ({ group, version, plural }));

/** Resources that the shell and the picture of the cluster read. */
export const FIRST_SCREEN_RESOURCES = [
  ...of('', 'v1', 'nodes', 'pods', 'namespaces', 'services', 'replicationcontrollers'),
  ...of('kubarium.dev', 'v1alpha1', 'scenarios'),
  ...of('discovery.k8s.io', 'v1', 'endpointslices'),
  ...of('apps', 'v1', 'deployments', 'statefulsets', 'daemonsets', 'replicasets'),
  ...of('batch', 'v1', 'jobs', 'cronjobs'),
];

/** A fresh default cluster, once nothing is left to do. */
export interface FirstScreen {
  clock: ClockState;
  /** By "group/version/plural". */
  objects: Readonly<Record<string, readonly KubernetesObject[]>>;
}
