/** What formulas that count pods per topology domain share: which pods count, and how counts are written. */
import type { Node, Pod } from '../../api/generated/types.ts';
import type { ClusterFacts } from './past.ts';

/** A filter's arithmetic with numbers, one line a step, and what it comes to. */
export interface Check {
  lines: readonly string[];
  passes: boolean;
}

/** Domain → matching pods. */
export type DomainCounts = ReadonlyMap<string, number>;

const MAX_LISTED = 12;

/** Pods that run or are on their way, by node; the pod in question is not among them. */
export function podsByNode({ pods }: ClusterFacts, { metadata }: Pod): ReadonlyMap<string, readonly Pod[]> {
  const found = new Map<string, Pod[]>();
  for (const pod of pods) {
    const { nodeName } = pod.spec;
    const ended = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
    const itself = pod.metadata.name === metadata.name && pod.metadata.namespace === metadata.namespace;
    if (!nodeName || ended || itself) continue;
    const there = found.get(nodeName);
    if (there === undefined) found.set(nodeName, [pod]);
    else there.push(pod);
  }
  return found;
}

/** The value of the topology key on the node. */
export const domainOf = ({ metadata }: Node, key: string): string | undefined => metadata.labels?.[key];

/** "a 2, b 0, c 1"; the `own` domain first, at most 12 of them. */
export function countsText(counts: DomainCounts, own?: string): string {
  const values = ordered(counts, own);
  const listed = values.slice(0, MAX_LISTED).map((value) => `${value || '–'} ${String(counts.get(value) ?? 0)}`);
  return `${listed.join(', ') || '–'}${values.length > MAX_LISTED ? ', …' : ''}`;
}

/** The domains, `own` first, at most `limit` of them. */
export function ordered(counts: DomainCounts, own: string | undefined, limit = Infinity): string[] {
  const values = [...counts.keys()].filter((value) => value !== own).sort();
  return (own !== undefined && counts.has(own) ? [own, ...values] : values).slice(0, limit);
}

/** Adds to a domain's count. */
export function addTo(counts: Map<string, number>, domain: string, amount: number): void {
  counts.set(domain, (counts.get(domain) ?? 0) + amount);
}
