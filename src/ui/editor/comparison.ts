/** The two texts of Diff and Dry run. */
import { objectText, orderedLike, withoutServerFields } from '../model/manifest-text.ts';
import type { Run } from './apply-run.ts';

/** Two texts to lay side by side, and what could not be compared. */
export interface Comparison {
  before: string;
  after: string;
  failures: { name: string; message: string }[];
}

const SEPARATOR = '---\n';

/**
 * Diff: the live objects against what they would be after the apply. Dry run: the manifests as written against what the
 * apiserver would store, so that defaults and what admission added stand out.
 */
export function compare({ results }: Run, left: 'live' | 'written'): Comparison {
  const before: string[] = [];
  const after: string[] = [];
  const failures: Comparison['failures'] = [];
  for (const { before: live, object, manifest, status, name } of results) {
    if (status) {
      failures.push({ name, message: status.message ?? '' });
      continue;
    }
    const next = withoutServerFields(object ?? manifest);
    const previous = left === 'written' ? withoutServerFields(manifest) : live && withoutServerFields(live);
    if (previous) before.push(objectText(previous));
    after.push(objectText(previous ? (orderedLike(next, previous) as Record<string, unknown>) : next));
  }
  return { before: before.join(SEPARATOR), after: after.join(SEPARATOR), failures };
}
