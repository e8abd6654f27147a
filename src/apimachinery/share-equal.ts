/** Structural sharing with an earlier value: what is equal is kept once. */

/** Lists longer than this are not compared: they are rarely equal, and comparing would cost more than it saves. */
const MAX_LIST = 64;

/** `next`, in which every object and list that equals its counterpart in `previous` is that counterpart. Neither is changed. */
export function shareEqual<T>(previous: unknown, next: T): T {
  if (previous === next || typeof next !== 'object' || next === null) return next;
  if (typeof previous !== 'object' || previous === null || Array.isArray(previous) !== Array.isArray(next)) return next;
  return (Array.isArray(next) ? shareList(previous as unknown[], next) : shareFields(previous as Fields, next as Fields)) as T;
}

type Fields = Record<string, unknown>;

function shareList(previous: readonly unknown[], next: readonly unknown[]): readonly unknown[] {
  if (next.length > MAX_LIST) return next;
  const shared = next.map((item, index) => shareEqual(previous[index], item));
  if (shared.length === previous.length && shared.every((item, index) => item === previous[index])) return previous;
  return shared.every((item, index) => item === next[index]) ? next : shared;
}

function shareFields(previous: Fields, next: Fields): Fields {
  const names = Object.keys(next);
  let same = names.length === Object.keys(previous).length;
  let shared: Fields | undefined;
  for (const name of names) {
    const value = shareEqual(previous[name], next[name]);
    if (value !== next[name]) shared = { ...(shared ?? next), [name]: value };
    if (value !== previous[name] || !Object.hasOwn(previous, name)) same = false;
  }
  return same ? previous : (shared ?? next);
}
