/** The cluster in React: live objects, the clock, the state of the connection, and what a person can do. */
import { createContext, use, useCallback, useSyncExternalStore } from 'react';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { ClockState } from '../../worker/protocol.ts';
import type { ClusterActions } from './actions.ts';
import type { Cluster } from './connect.ts';
import type { ConnectionState, SessionState } from './session-state.ts';
import type { ListFilter, LiveList, LiveStore, ResourceRef } from './live-store.ts';

/** All that panels need of the cluster. */
export interface ClusterContextValue extends Cluster {
  store: LiveStore;
  session: SessionState;
  actions: ClusterActions;
}

/** Holds the cluster for everything below. */
export const ClusterContext = createContext<ClusterContextValue | undefined>(undefined);

/** The cluster: `actions`, `connection`, `store`. Throws outside of a `ClusterContext`. */
export function useCluster(): ClusterContextValue {
  const cluster = use(ClusterContext);
  if (!cluster) throw new Error('useCluster() needs a ClusterContext above it');
  return cluster;
}

/** The live objects of a resource; watched as long as the component is there. Only a change of these objects renders again. */
export function useList<T extends KubernetesObject>(resource: ResourceRef<T>, { namespace }: ListFilter = {}): LiveList<T> {
  const { store } = useCluster();
  const subscribe = useCallback((listener: () => void) => store.subscribe(resource, listener), [store, resource]);
  return useSyncExternalStore(subscribe, () => store.list(resource, { namespace }));
}

const nothingToStop = () => undefined;

/** One live object, or undefined while it is not there. Without a name nothing is watched. */
export function useObject<T extends KubernetesObject>(
  resource: ResourceRef<T> | undefined,
  namespace?: string,
  name?: string,
): T | undefined {
  const { store } = useCluster();
  const subscribe = useCallback(
    (listener: () => void) => (resource && name !== undefined ? store.subscribe(resource, listener) : nothingToStop),
    [store, resource, name],
  );
  return useSyncExternalStore(subscribe, () => (resource && name !== undefined ? store.get(resource, namespace, name) : undefined));
}

/** The clock as last told: up to ten times a second. Undefined before the cluster is ready. */
export function useClock(): ClockState | undefined {
  const { session } = useCluster();
  return useSyncExternalStore(session.subscribeClock, session.clock);
}

/** Virtual time in ms, at most once a second: for ages in tables. */
export function useNow(): number {
  const { session } = useCluster();
  return useSyncExternalStore(session.subscribeClock, () => Math.floor((session.clock()?.now ?? 0) / 1000) * 1000);
}

/** Whether the cluster can be used, where it runs, whether it is saved, and what went wrong. */
export function useConnectionState(): ConnectionState {
  const { session } = useCluster();
  return useSyncExternalStore(session.subscribeState, session.state);
}
