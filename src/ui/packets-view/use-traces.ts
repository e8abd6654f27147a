/** The PacketTraces of the cluster, and how new ones are made. */
import { useCallback, useMemo } from 'react';
import type { PacketTrace, PacketTraceSpec } from '../../api/kubarium/packet-trace.ts';
import { useCluster, useList } from '../cluster/hooks.ts';
import type { ResourceRef } from '../cluster/live-store.ts';
import { MADE_HERE, MAKER, traceObject } from './places.ts';

const TRACES: ResourceRef<PacketTrace> = { group: 'kubarium.dev', version: 'v1alpha1', plural: 'packettraces' };
/** Traces of its own that the view keeps. */
const KEPT = 30;

/** The last number given to a trace: those just made may not have come back yet. */
let lastNumber = 0;

/** "namespace/name" */
export const traceKey = ({ metadata }: PacketTrace): string => `${metadata.namespace}/${metadata.name}`;

const age = ({ metadata }: PacketTrace): number => Number(metadata.resourceVersion ?? 0);

/** All traces, newest first. */
export function useTraces(): readonly PacketTrace[] {
  const { items } = useList(TRACES);
  return useMemo(() => [...items].sort((a, b) => createdAt(b) - createdAt(a) || age(b) - age(a)), [items]);
}

const createdAt = ({ metadata }: PacketTrace): number => Date.parse(metadata.creationTimestamp ?? '');

/** Sends packets: creates a trace and resolves with its key. Throws the apiserver's Status. */
export function useSend(): (spec: PacketTraceSpec) => Promise<string> {
  const { actions, store } = useCluster();
  return useCallback(
    async (spec) => {
      const existing = store.list(TRACES).items;
      const own = existing.filter(({ metadata }) => metadata.labels?.[MADE_HERE] === MAKER).sort((a, b) => age(a) - age(b));
      for (const old of own.slice(0, Math.max(0, own.length - KEPT + 1))) {
        void actions.remove(TRACES, old.metadata.namespace, old.metadata.name).catch(() => undefined); // gone already: that is all it should be
      }
      const number = 1 + Math.max(lastNumber, ...existing.map(({ metadata }) => Number(/^trace-(\d+)$/.exec(metadata.name)?.[1] ?? 0)));
      lastNumber = number;
      const trace = traceObject(`trace-${number}`, spec);
      await actions.create(TRACES, trace.metadata.namespace, trace);
      return traceKey(trace);
    },
    [actions, store],
  );
}
