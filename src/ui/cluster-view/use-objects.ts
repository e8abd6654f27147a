/**
 * The objects behind the picture, at most ten times a second: a rolling update changes pods in every frame, and nobody
 * could follow a picture that did so too.
 */
import { useEffect, useRef, useState } from 'react';
import { CronJobResource } from '../../api/batch/cron-job.ts';
import { DaemonSetResource } from '../../api/apps/daemon-set.ts';
import { DeploymentResource } from '../../api/apps/deployment.ts';
import { EndpointSliceResource } from '../../api/discovery/endpoint-slice.ts';
import { JobResource } from '../../api/batch/job.ts';
import { NodeResource } from '../../api/core/node.ts';
import { PodResource } from '../../api/core/pod.ts';
import { ReplicaSetResource } from '../../api/apps/replica-set.ts';
import { ReplicationControllerResource } from '../../api/core/replication-controller.ts';
import { ServiceResource } from '../../api/core/service.ts';
import { StatefulSetResource } from '../../api/apps/stateful-set.ts';
import { useCluster } from '../cluster/hooks.ts';
import { ownerIndex } from '../model/ownership.ts';
import type { LiveStore, ResourceRef } from '../cluster/live-store.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { EndpointSlice, Node, Pod, Service } from '../../api/generated/types.ts';
import type { OwnerIndex } from '../model/ownership.ts';

const PERIOD_MS = 100;

const WORKLOADS: readonly ResourceRef[] = [
  DeploymentResource,
  StatefulSetResource,
  DaemonSetResource,
  ReplicaSetResource,
  ReplicationControllerResource,
  JobResource,
  CronJobResource,
];

/** What the picture is drawn from. */
export interface ViewObjects {
  nodes: readonly Node[];
  pods: readonly Pod[];
  workloads: readonly KubernetesObject[];
  index: OwnerIndex;
  services: readonly Service[];
  slices: readonly EndpointSlice[];
  synced: boolean;
}

function read(store: LiveStore): ViewObjects {
  const nodes = store.list<Node>(NodeResource);
  const pods = store.list<Pod>(PodResource);
  const workloads = WORKLOADS.flatMap((resource) => store.list(resource).items);
  return {
    nodes: nodes.items,
    pods: pods.items,
    workloads,
    index: ownerIndex(workloads),
    services: store.list<Service>(ServiceResource).items,
    slices: store.list<EndpointSlice>(EndpointSliceResource).items,
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
    const resources: readonly ResourceRef[] = [NodeResource, PodResource, ServiceResource, EndpointSliceResource, ...WORKLOADS];
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
