/**
 * A part of the code that is loaded apart: an idle cluster does not need it, and the first picture of a cluster shall not wait for it.
 * Whoever uses the part reaches it through its `LatePart`; `installExtras()` (src/cluster/extras.ts) puts all of them in place.
 */
import { assert } from './assert.ts';

/** The place of one such part. Make one at the top level of a module; it holds for all clusters of the process. */
export class LatePart<T extends object> {
  readonly #name: string;
  #part: T | undefined;

  /** `name` is for the text of the failed assertion: "the IPVS mode of kube-proxy". */
  constructor(name: string) {
    this.#name = name;
  }

  install(part: T): void {
    this.#part = part;
  }

  /** Whether it is in place. */
  get installed(): boolean {
    return this.#part !== undefined;
  }

  /** The part. An error of the program while it is not in place. */
  get(): T {
    assert(this.#part !== undefined, `${this.#name} has not been installed: call installExtras() first`);
    return this.#part;
  }
}
