/**
 * The entry that a table itself has. Every plain object also answers to "constructor", "toString" and "__proto__", and users may write
 * these wherever a key is looked up.
 */
export const ownEntry = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(table, key) ? table[key] : undefined;
