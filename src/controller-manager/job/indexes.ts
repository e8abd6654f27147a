/**
 * Sets of completion indexes in the text form of a Job's status, "1,3-5" (`pkg/controller/job/indexed_job_utils.go`). Pure.
 */
import type { Pod } from '../../api/generated/types.ts';

/** Label and annotation of a pod with its index. */
export const COMPLETION_INDEX = 'batch.kubernetes.io/job-completion-index';

/** The indexes of the text that are below `completions`. */
export function parseIndexes(text: string | undefined, completions: number): Set<number> {
  const indexes = new Set<number>();
  for (const part of (text ?? '').split(',').filter(Boolean)) {
    const [first = '', last = first] = part.split('-');
    for (let index = Number(first); index <= Number(last) && index < completions; index++) indexes.add(index);
  }
  return indexes;
}

/** The text of a set: runs of three and more as "first-last". */
export function formatIndexes(indexes: Iterable<number>): string {
  const sorted = [...indexes].sort((a, b) => a - b);
  const parts: string[] = [];
  for (let from = 0; from < sorted.length;) {
    let to = from;
    while (sorted[to + 1] === (sorted[to] ?? 0) + 1) to++;
    const [first = 0, last = 0] = [sorted[from], sorted[to]];
    parts.push(to === from ? `${first}` : to === from + 1 ? `${first},${last}` : `${first}-${last}`);
    from = to + 1;
  }
  return parts.join(',');
}

/** The pod's index; undefined without a valid one (`getCompletionIndex`). */
export function indexOf({ metadata }: Pick<Pod, 'metadata'>): number | undefined {
  const text = metadata.annotations?.[COMPLETION_INDEX];
  return text !== undefined && /^[0-9]+$/.test(text) ? Number(text) : undefined;
}

/** `known` and the indexes of `pods`, as far as they are below `completions`. */
export function withPods(known: ReadonlySet<number>, pods: Iterable<Pod>, completions: number): Set<number> {
  const indexes = new Set(known);
  for (const pod of pods) {
    const index = indexOf(pod);
    if (index !== undefined && index < completions) indexes.add(index);
  }
  return indexes;
}

/** The lowest `count` indexes below `completions` that are in none of the sets (`firstPendingIndexes`). */
export function firstPending(count: number, completions: number, taken: readonly ReadonlySet<number>[]): number[] {
  const pending: number[] = [];
  for (let index = 0; index < completions && pending.length < count; index++) {
    if (!taken.some((indexes) => indexes.has(index))) pending.push(index);
  }
  return pending;
}
