/**
 * What plugins remember between their extension points during one attempt to schedule one pod
 * (`pkg/scheduler/framework/cycle_state.go`). Values sit in an array indexed by the key, because Filter and Score read
 * them once per node.
 */

/** State that preemption must copy before it tries out changes on it. */
export interface Cloneable<T> {
  clone(): T;
}

let keyCount = 0;

/** Names a value of type T. Made once per plugin, at module level. */
export class StateKey<T> {
  readonly name: string;
  readonly index: number = keyCount++;
  /** Binds the key to its type; always undefined. */
  readonly type: T | undefined;

  constructor(name: string) {
    this.name = name;
  }
}

const isCloneable = (value: unknown): value is Cloneable<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Cloneable<unknown>>).clone === 'function';

/** The state of one scheduling attempt. */
export class CycleState {
  /** Plugins whose PreFilter answered Skip: their Filter is not run. */
  skipFilterPlugins: ReadonlySet<string> = NONE;
  /** Plugins whose PreScore answered Skip: their Score is not run. */
  skipScorePlugins: ReadonlySet<string> = NONE;
  readonly #values: unknown[] = [];

  write<T>(key: StateKey<T>, value: T): void {
    this.#values[key.index] = value;
  }

  /** The value, or undefined when the plugin has written none. */
  read<T>(key: StateKey<T>): T | undefined {
    return this.#values[key.index] as T | undefined;
  }

  /** A copy whose `Cloneable` values can be changed without touching this one. */
  clone(): CycleState {
    const copy = new CycleState();
    copy.skipFilterPlugins = this.skipFilterPlugins;
    copy.skipScorePlugins = this.skipScorePlugins;
    this.#values.forEach((value, index) => {
      copy.#values[index] = isCloneable(value) ? value.clone() : value;
    });
    return copy;
  }
}

const NONE: ReadonlySet<string> = new Set();
