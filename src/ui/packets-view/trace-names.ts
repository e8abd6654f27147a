/** Names of the traces that the view makes, and which of them are old enough to go. */
import type { PacketTrace } from '../../api/kubarium/packet-trace.ts';
import { MADE_HERE, MAKER } from './places.ts';

/** Traces of its own that the view keeps. */
export const KEPT = 30;

const numberOf = ({ metadata: { name } }: PacketTrace): number => Number(/^trace-(\d+)$/.exec(name)?.[1] ?? 0);
const age = ({ metadata }: PacketTrace): number => Number(metadata.resourceVersion ?? 0);
const createdAt = ({ metadata }: PacketTrace): number => Date.parse(metadata.creationTimestamp ?? '');

/** "namespace/name" */
export const traceKey = ({ metadata }: PacketTrace): string => `${metadata.namespace}/${metadata.name}`;

/** Newest first. */
export const newestFirst = (traces: readonly PacketTrace[]): PacketTrace[] =>
  [...traces].sort((a, b) => createdAt(b) - createdAt(a) || numberOf(b) - numberOf(a) || age(b) - age(a));

/** The number of the next trace; those after `last` may not have come back yet. */
export const nextNumber = (existing: readonly PacketTrace[], last: number): number => 1 + Math.max(last, ...existing.map(numberOf));

/** The view's own traces that must go before one more is made; the cluster's other traces are not its business. */
export function surplus(existing: readonly PacketTrace[]): PacketTrace[] {
  const own = newestFirst(existing.filter(({ metadata }) => metadata.labels?.[MADE_HERE] === MAKER));
  return own.slice(KEPT - 1);
}
