/**
 * The objects behind the picture, at most ten times a second: a rolling update changes pods in every frame, and nobody
 * could follow a picture that did so too.
 */
import { useEffect, useRef, useState } from 'react';
import { useCluster } from '../cluster/hooks.ts';
import { NODES, PODS } from '../cluster/resources.ts';
import { ownerIndex } from '../model/ownership.ts';
import type { LiveStore, ResourceRef } from '../cluster/live-store.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { EndpointSlice, Node, Pod, Service } from '../../api/generated/types.ts';
import type { OwnerIndex } from '../model/ownership.ts';

const PERIOD_MS = 100;

/** Coordinates only: the definitions would bring defaults and validation with them. */
const resource = (group: string, plural: string): ResourceRef => ({ group, version: 'v1', plural });
const SERVICES = resource('', 'services');
const SLICES = resource('discovery.k8s.io', 'endpointslices');
const WORKLOADS: readonly ResourceRef[] = [
  resource('apps', 'deployments'),
  resource('apps', 'statefulsets'),
  resource('apps', 'daemonsets'),
  resource('apps', 'replicasets'),
  resource('', 'replicationcontrollers'),
  resource('batch', 'jobs'),
  resource('batch', 'cronjobs'),
];

const RELATED: readonly ResourceRef[] = [
  resource('networking.k8s.io', 'ingresses'),
  resource('networking.k8s.io', 'networkpolicies'),
  resource('', 'persistentvolumeclaims'),
];

/** What the picture is drawn from. */
export interface ViewObjects {
  nodes: readonly Node[];
  pods: readonly Pod[];
  workloads: readonly KubernetesObject[];
  index: OwnerIndex;
  services: readonly Service[];
  slices: readonly EndpointSlice[];
  /** Ingresses, NetworkPolicies and PersistentVolumeClaims. */
  related: readonly KubernetesObject[];
  synced: boolean;
}

function read(store: LiveStore): ViewObjects {
  const nodes = store.list<Node>(NODES);
  const pods = store.list<Pod>(PODS);
  const workloads = WORKLOADS.flatMap((resource) => store.list(resource).items);
  return {
    nodes: nodes.items,
    pods: pods.items,
    workloads,
    index: ownerIndex(workloads),
    services: store.list<Service>(SERVICES).items,
    slices: store.list<EndpointSlice>(SLICES).items,
    related: RELATED.flatMap((resource) => store.list(resource).items),
    synced: nodes.synced && pods.synced,
  };
}

/** The objects, watched as long as the component is there. */
export function useViewObjects(): ViewObjects {
  const { store } = useCluster();
  const [objects, setObjects] = useState(() => read(store));
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => {
    let last = 0;
    const flush = () => {
      timer.current = undefined;
      last = performance.now();
      setObjects(read(store));
    };
    const changed = () => {
      timer.current ??= setTimeout(flush, Math.max(0, PERIOD_MS - (performance.now() - last)));
    };
    const resources: readonly ResourceRef[] = [NODES, PODS, SERVICES, SLICES, ...WORKLOADS, ...RELATED];
    const stops = resources.map((resource) => store.subscribe(resource, changed));
    changed();
    return () => {
      clearTimeout(timer.current);
      timer.current = undefined;
      for (const stop of stops) stop();
    };
  }, [store]);
  return objects;
}
