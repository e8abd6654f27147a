/**
 * What a person can do to the cluster from any panel: apply, delete, patch, scale, move time. Failures are returned or thrown as
 * `StatusError`s with Kubernetes' texts; panels show them.
 */
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { StatusError } from '../../apimachinery/status.ts';
import type { Status } from '../../apimachinery/status.ts';
import type { ApiResponse, PatchType, RequestOptions } from '../../api/request.ts';
import type { ApiCall, Controls, ScenarioBundle, TaskInfo } from '../../worker/protocol.ts';
import type { ClusterConnection } from './connection.ts';
import type { ResourceRef } from './live-store.ts';
import type { SessionState } from './session-state.ts';

/** What became of one manifest. */
export interface ApplyResult {
  manifest: KubernetesObject;
  outcome: 'created' | 'configured' | 'unchanged' | 'failed';
  /** The object as it was; absent when it did not exist. */
  before?: KubernetesObject;
  /** The object as it is now (with a dry run: as it would be). */
  object?: KubernetesObject;
  /** With `failed`. */
  status?: Status;
  warnings: readonly string[];
}

/** What a person can do. */
export interface ClusterActions {
  /** As `kubectl apply`: in order, each on its own; a failure is noted and the rest goes on. */
  apply(manifests: readonly KubernetesObject[], options?: { namespace?: string; dryRun?: boolean }): Promise<ApplyResult[]>;
  /** Creates one object, without loading the tables that `apply` needs. */
  create<T extends KubernetesObject>(resource: ResourceRef<T>, namespace: string | undefined, object: object): Promise<ApiResponse>;
  remove(resource: ResourceRef, namespace: string | undefined, name: string, options?: RequestOptions): Promise<ApiResponse>;
  patch(resource: ResourceRef, namespace: string | undefined, name: string, body: unknown, type?: PatchType): Promise<ApiResponse>;
  /** Sets `spec.replicas` through the scale subresource. */
  scale(resource: ResourceRef, namespace: string | undefined, name: string, replicas: number): Promise<ApiResponse>;
  setClock(change: Controls['setClock']['params']): Promise<void>;
  /** Runs one task, or up to the next revision; answers with what was run. */
  step(unit: 'event' | 'revision'): Promise<TaskInfo[]>;
  /** Throws the cluster away and starts a fresh one. */
  reset(scenario?: ScenarioBundle): Promise<void>;
}

/** The actions over a connection. */
export function createActions(connection: ClusterConnection, session: SessionState): ClusterActions {
  const call = ({ group, version, plural }: ResourceRef, rest: Omit<ApiCall, 'group' | 'version' | 'resource'>) =>
    connection.request({ group, version, resource: plural, ...rest });
  return {
    apply: (manifests, options) => applyInOrder(connection, manifests, options),
    create: (resource, namespace, body) => call(resource, { verb: 'create', namespace, body }),
    remove: (resource, namespace, name, options) => call(resource, { verb: 'delete', namespace, name, options }),
    patch: (resource, namespace, name, body, patchType = 'merge') => call(resource, { verb: 'patch', namespace, name, body, patchType }),
    scale: (resource, namespace, name, replicas) =>
      call(resource, { verb: 'patch', subresource: 'scale', namespace, name, body: { spec: { replicas } }, patchType: 'merge' }),
    async setClock(change) {
      session.setClock(await connection.control('setClock', change));
    },
    async step(unit) {
      const { clock, tasks } = await connection.control('step', unit === 'revision' ? { revision: true } : { count: 1 });
      session.setClock(clock);
      return tasks;
    },
    async reset(scenario) {
      session.setClock(await connection.control('reset', scenario ? { scenario } : {}));
    },
  };
}

async function applyInOrder(
  connection: ClusterConnection,
  manifests: readonly KubernetesObject[],
  { namespace = 'default', dryRun = false }: { namespace?: string; dryRun?: boolean } = {},
): Promise<ApplyResult[]> {
  // The field tables behind apply are as large as the shell itself; they come when they are needed.
  const { applyOne } = await import('./apply.ts');
  const results: ApplyResult[] = [];
  for (const manifest of manifests) {
    try {
      results.push(await applyOne((request) => connection.request(request), manifest, namespace, dryRun));
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      results.push({ manifest, outcome: 'failed', status: error.status, warnings: [] });
    }
  }
  return results;
}
