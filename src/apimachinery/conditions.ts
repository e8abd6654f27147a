/**
 * Lists of conditions: find, set, remove (`k8s.io/apimachinery/pkg/api/meta/conditions.go`). Lists are frozen;
 * setting returns a new list, or the same one when nothing changed. `lastTransitionTime` moves only when `status` does.
 */
import { deepEqual } from './freeze.ts';
import type { Condition, Time } from './meta.ts';

/** The condition of the given type, if any. */
export function findCondition<T extends Condition>(conditions: readonly T[] | undefined, type: string): T | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** True when the condition exists and its status is the given one. */
export function isCondition(
  conditions: readonly Condition[] | undefined,
  type: string,
  status: 'True' | 'False' | 'Unknown' = 'True',
): boolean {
  return findCondition(conditions, type)?.status === status;
}

/**
 * Puts `condition` into the list. The fields it does not name are kept; `lastTransitionTime` is kept while the status
 * stays, and otherwise becomes the given one or `now` (`SetStatusCondition`).
 */
export function setCondition<T extends Condition>(conditions: readonly T[] | undefined, condition: T, now: Time): readonly T[] {
  const list = conditions ?? [];
  const index = list.findIndex(({ type }) => type === condition.type);
  const current = list[index];
  // concat makes a list as long as it is; there are five of these for every pod.
  if (!current) return list.concat({ ...condition, lastTransitionTime: condition.lastTransitionTime ?? now });
  const moved = current.status !== condition.status;
  const next = { ...current, ...condition, lastTransitionTime: moved ? (condition.lastTransitionTime ?? now) : current.lastTransitionTime };
  return deepEqual(current, next) ? list : list.with(index, next);
}

/** The list without the condition of the given type; the same list when it has none (`RemoveStatusCondition`). */
export function removeCondition<T extends Condition>(conditions: readonly T[] | undefined, type: string): readonly T[] {
  const list = conditions ?? [];
  return list.some((condition) => condition.type === type) ? list.filter((condition) => condition.type !== type) : list;
}
