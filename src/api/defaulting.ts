/**
 * Small tools for `defaults` functions: copy on write, and the same reference back when there is nothing to fill in.
 */

/** `undefined`, `null` and "" are all "not set" to Kubernetes' defaulting of optional scalars. */
const isUnset = (value: unknown): boolean => value === undefined || value === null || value === '';

/** The object with the fields of `defaults` that it does not set. */
export function withDefaults<T extends object>(object: T, defaults: Partial<T>): T {
  let next: T | undefined;
  for (const key in defaults) {
    if (defaults[key] === undefined || !isUnset(object[key])) continue;
    next ??= { ...object };
    Object.assign(next, { [key]: defaults[key] });
  }
  return next ?? object;
}

/** The object with one field replaced; itself when the value is the same reference. */
export function withField<T extends object, K extends keyof T>(object: T, key: K, value: T[K]): T {
  return object[key] === value ? object : { ...object, [key]: value };
}

/** The object with one field, where it is set, run through `change`. */
export function mapField<T extends object, K extends keyof T>(object: T, key: K, change: (value: NonNullable<T[K]>) => T[K]): T {
  const value = object[key];
  return value === undefined || value === null ? object : withField(object, key, change(value));
}

/** `list.map(change)`, or the list itself when nothing changed. */
export function mapItems<T>(list: readonly T[], change: (item: T) => T): T[] {
  let next: T[] | undefined;
  for (let index = 0; index < list.length; index++) {
    const item = list[index] as T;
    const changed = change(item);
    if (changed === item) continue;
    next ??= [...list];
    next[index] = changed;
  }
  return next ?? (list as T[]);
}

/** The object with an empty `spec` where it has none: to Kubernetes a missing struct is an empty one. */
export function withSpec<T extends { spec?: unknown }>(object: T): T {
  return object.spec === undefined || object.spec === null ? { ...object, spec: {} } : object;
}
