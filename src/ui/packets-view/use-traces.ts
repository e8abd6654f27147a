/** The PacketTraces of the cluster, and how new ones are made. */
import { useCallback, useMemo } from 'react';
import type { PacketTrace, PacketTraceSpec } from '../../api/kubarium/packet-trace.ts';
import { useCluster, useList } from '../cluster/hooks.ts';
import type { ResourceRef } from '../cluster/live-store.ts';
import { traceObject } from './places.ts';
import { newestFirst, nextNumber, surplus, traceKey } from './trace-names.ts';

const TRACES: ResourceRef<PacketTrace> = { group: 'kubarium.dev', version: 'v1alpha1', plural: 'packettraces' };

/** The last number given to a trace: those just made may not have come back yet. */
let lastNumber = 0;

/** All traces, newest first. */
export function useTraces(): readonly PacketTrace[] {
  const { items } = useList(TRACES);
  return useMemo(() => newestFirst(items), [items]);
}

/** Sends packets: creates a trace and resolves with its key. Throws the apiserver's Status. */
export function useSend(): (spec: PacketTraceSpec) => Promise<string> {
  const { actions, store } = useCluster();
  return useCallback(
    async (spec) => {
      const existing = store.list(TRACES).items;
      for (const { metadata } of surplus(existing)) {
        void actions.remove(TRACES, metadata.namespace, metadata.name).catch(() => undefined); // gone already: that is all it should be
      }
      lastNumber = nextNumber(existing, lastNumber);
      const trace = traceObject(`trace-${lastNumber}`, spec);
      await actions.create(TRACES, trace.metadata.namespace, trace);
      return traceKey(trace);
    },
    [actions, store],
  );
}
