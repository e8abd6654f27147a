/**
 * The cluster as a decision found it: what etcd held just before the decision was written, read with the API's own
 * `resourceVersionMatch=Exact`. Fetched when a formula that counts pods is opened, and not before. Of a dry run, and of a revision that is
 * compacted, the cluster of now; a formula that does not lead to the recorded score is not shown, so a wrong guess does no harm.
 */
import { useEffect, useState } from 'react';
import { NamespaceResource } from '../../api/core/namespace.ts';
import { NodeResource } from '../../api/core/node.ts';
import { PodResource } from '../../api/core/pod.ts';
import { ReplicationControllerResource } from '../../api/core/replication-controller.ts';
import { ServiceResource } from '../../api/core/service.ts';
import { ReplicaSetResource } from '../../api/apps/replica-set.ts';
import { StatefulSetResource } from '../../api/apps/stateful-set.ts';
import { useCluster } from '../cluster/hooks.ts';
import type { Namespace, Node, Pod, ReplicaSet, ReplicationController, Service, StatefulSet } from '../../api/generated/types.ts';
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';

/** What formulas that count pods need to know. */
export interface ClusterFacts {
  nodes: readonly Node[];
  /** All pods, those that wait and those that have ended among them. */
  pods: readonly Pod[];
  namespaces: readonly Namespace[];
  services: readonly Service[];
  replicationControllers: readonly ReplicationController[];
  replicaSets: readonly ReplicaSet[];
  statefulSets: readonly StatefulSet[];
}

type Connection = ReturnType<typeof useCluster>['connection'];
interface Listed {
  group: string;
  version: string;
  plural: string;
}

async function listAt(connection: Connection, { group, version, plural }: Listed, revision: number): Promise<readonly KubernetesObject[]> {
  const options = revision > 0 ? { resourceVersion: String(revision), resourceVersionMatch: 'Exact' as const } : {};
  const { object } = await connection.request({ verb: 'list', group, version, resource: plural, options });
  return (object as unknown as { items: readonly KubernetesObject[] }).items;
}

async function factsAt(connection: Connection, revision: number): Promise<ClusterFacts> {
  const list = async <T>(resource: Listed) => (await listAt(connection, resource, revision)) as unknown as readonly T[];
  const [nodes, pods, namespaces, services, replicationControllers, replicaSets, statefulSets] = await Promise.all([
    list<Node>(NodeResource),
    list<Pod>(PodResource),
    list<Namespace>(NamespaceResource),
    list<Service>(ServiceResource),
    list<ReplicationController>(ReplicationControllerResource),
    list<ReplicaSet>(ReplicaSetResource),
    list<StatefulSet>(StatefulSetResource),
  ]);
  return { nodes, pods, namespaces, services, replicationControllers, replicaSets, statefulSets };
}

/** What was fetched last: cell after cell of one decision is looked at. */
let last: { connection: Connection; revision: number; facts: Promise<ClusterFacts> } | undefined;

function fetchFacts(connection: Connection, revision: number): Promise<ClusterFacts> {
  if (revision > 0 && last?.connection === connection && last.revision === revision) return last.facts;
  const facts = factsAt(connection, revision).catch((error: unknown) => {
    if (revision === 0) throw error;
    return factsAt(connection, 0);
  });
  last = { connection, revision, facts };
  return facts;
}

/** The facts once they are there, if they are `wanted`. `looking`: they are on their way. */
export function usePast({ metadata }: SchedulingDecision, wanted: boolean): { facts: ClusterFacts | undefined; looking: boolean } {
  const { connection } = useCluster();
  const revision = Math.max(0, Number(metadata.resourceVersion || 0) - 1);
  const [found, setFound] = useState<{ revision: number; facts: ClusterFacts | undefined }>();
  useEffect(() => {
    if (!wanted) return undefined;
    let current = true;
    fetchFacts(connection, revision).then(
      (facts) => current && setFound({ revision, facts }),
      () => current && setFound({ revision, facts: undefined }),
    );
    return () => {
      current = false;
    };
  }, [connection, revision, wanted]);
  const known = wanted && found?.revision === revision ? found : undefined;
  return { facts: known?.facts, looking: wanted && known === undefined };
}
