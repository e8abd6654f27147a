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

/** A copy of a string that does not keep the long text alive which it was cut out of: a property's name is one of its own. */
export const detached = (text: string): string => Object.keys({ [text]: 0 })[0] ?? text;
