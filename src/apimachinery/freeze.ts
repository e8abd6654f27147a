/**
 * Frozen, shared objects. Everything that etcd holds is deeply frozen; a write makes a new object, by spread, that shares
 * the parts which did not change.
 */
/** Freezes `value` and all it holds, and returns it. Stops at parts that are frozen already, so it costs only what is new. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const key in value) deepFreeze(value[key]);
  return value;
}

/**
 * True when two plain JSON values are equal. Shared references are equal at once, which makes comparing an object with
 * its successor cheap. Keys with the value `undefined` count as absent (Kubernetes' `apiequality.Semantic.DeepEqual`
 * on JSON data; an empty and an absent list differ here).
 */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) {
    if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
    return a.every((item, index) => deepEqual(item, b[index]));
  }
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  for (const key in left) if (left[key] !== undefined && !deepEqual(left[key], right[key])) return false;
  for (const key in right) if (right[key] !== undefined && left[key] === undefined) return false;
  return true;
}
