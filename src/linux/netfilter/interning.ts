/**
 * What all machines share: a hundred nodes hold the same hundred thousand rules, so that each distinct text is read
 * once, and the same match of many rules is one object. Forgetting is always right: it only costs reading again.
 */

/** A map that starts anew when it gets too large. */
export class Interned<T> {
  readonly #limit: number;
  #values = new Map<string, T>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: string): T | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: T): T {
    if (this.#values.size >= this.#limit) this.#values = new Map();
    this.#values.set(key, value);
    return value;
  }
}

/**
 * A copy of a string, which does not keep the long text alive that it was cut out of: engines cut strings without
 * copying, but they copy when they join.
 */
export const detached = (text: string): string => ` ${text}`.slice(1);
