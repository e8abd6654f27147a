/** The difference of two JSON values as a list of changed paths: for people, not to be applied. */

/** One value that is not the same. Absent `from`: it was added; absent `to`: it is gone. */
export interface JsonChange {
  /** "spec.containers[0].image"; keys with dots or slashes stand in brackets. */
  path: string;
  from?: unknown;
  to?: unknown;
}

/** What differs from `from` to `to`, in the order of keys, at most `limit` changes. Parts that both share cost nothing. */
export function jsonChanges(from: unknown, to: unknown, limit: number): JsonChange[] {
  const changes: JsonChange[] = [];
  collect(from, to, '', changes, limit);
  return changes;
}

function collect(from: unknown, to: unknown, path: string, changes: JsonChange[], limit: number): void {
  if (from === to || changes.length >= limit) return;
  if (isTree(from) && isTree(to) && Array.isArray(from) === Array.isArray(to)) {
    const keys = new Set([...Object.keys(from), ...Object.keys(to)]);
    for (const key of keys) collect(valueAt(from, key), valueAt(to, key), pathOf(path, key, Array.isArray(to)), changes, limit);
    return;
  }
  changes.push({ path, ...(from !== undefined && { from }), ...(to !== undefined && { to }) });
}

type Tree = Readonly<Record<string, unknown>>;

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null;
}

function valueAt(tree: Tree, key: string): unknown {
  return Object.hasOwn(tree, key) ? tree[key] : undefined;
}

function pathOf(path: string, key: string, inList: boolean): string {
  if (inList) return `${path}[${key}]`;
  if (/[./]/.test(key)) return `${path}[${key}]`;
  return path ? `${path}.${key}` : key;
}
