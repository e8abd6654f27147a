/** Random operations on an etcd that follow from a seed. Keys are few, so that they meet; what is left to chance in etcd is left out. */
import type {
  Comparison,
  DeleteRangeRequest,
  PutRequest,
  RangeRequest,
  RequestOp,
  TxnRequest,
  WatchRequest,
} from '../../src/etcd/rpc-types.ts';
import type { Random } from '../../src/sim/random.ts';

/** One operation. */
export type Operation =
  | { type: 'range'; request: RangeRequest }
  | { type: 'put'; request: PutRequest<string> }
  | { type: 'deleteRange'; request: DeleteRangeRequest }
  | { type: 'txn'; request: TxnRequest<string> }
  | { type: 'compact'; revision: number }
  | { type: 'leaseGrant'; id: number; ttl: number }
  | { type: 'leaseRevoke' | 'leaseTimeToLive' | 'leaseKeepAlive'; id: number }
  | { type: 'leaseLeases' }
  | { type: 'watch'; request: WatchRequest };

/** What the maker looks at to stay near the interesting places. */
export interface Situation {
  readonly revision: number;
  readonly compactedRevision: number;
  /** Whether the revision holds a deletion. etcd before 3.4.36 and 3.5.18 forgets it when compacting right there, later ones do not. */
  deletesAt(revision: number): boolean;
}

const FOLDERS = ['a', 'b', 'c/d'];
const KEYS_IN_FOLDER = 6;
const MOST_LEASES = 500;

/** Makes operations. */
export class OperationMaker {
  readonly #random: Random;
  readonly #situation: Situation;
  #lastLease = 0;
  #grants = 0;

  constructor(random: Random, situation: Situation) {
    this.#random = random;
    this.#situation = situation;
  }

  next(): Operation {
    const dice = this.#random.int(100);
    if (dice < 30) return { type: 'put', request: this.#put() };
    if (dice < 52) return { type: 'range', request: this.#range() };
    if (dice < 62) return { type: 'deleteRange', request: this.#delete() };
    if (dice < 84) return { type: 'txn', request: this.#txn(2) };
    if (dice < 86) return { type: 'compact', revision: this.#compaction() };
    if (dice < 89) return this.#grant();
    if (dice < 91) return { type: 'leaseRevoke', id: this.#lease() };
    if (dice < 94) return { type: 'leaseTimeToLive', id: this.#lease() };
    if (dice < 95) return { type: 'leaseKeepAlive', id: this.#lease() };
    if (dice < 97) return { type: 'leaseLeases' };
    return { type: 'watch', request: this.#watch() };
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#random.int(list.length)] as T;
  }

  #chance(percent: number): boolean {
    return this.#random.int(100) < percent;
  }

  #key(): string {
    return this.#chance(1) ? '' : `${this.#pick(FOLDERS)}/k${this.#random.int(KEYS_IN_FOLDER)}`;
  }

  #keyRange(): { key: string; end?: string } {
    const folder = this.#pick(FOLDERS);
    const dice = this.#random.int(100);
    if (dice < 40) return { key: this.#key() };
    if (dice < 70) return { key: `${folder}/`, end: `${folder}0` };
    if (dice < 85) return { key: `${folder}/k${this.#random.int(KEYS_IN_FOLDER)}`, end: `${folder}/k${this.#random.int(KEYS_IN_FOLDER)}` };
    return this.#chance(50) ? { key: '\0', end: '\0' } : { key: `${folder}/k3`, end: '\0' };
  }

  /** Mostly one that is kept; now and then one too old, or too new. */
  #revision(): number {
    const { revision, compactedRevision } = this.#situation;
    return Math.max(1, compactedRevision - 3 + this.#random.int(revision - compactedRevision + 8));
  }

  /** Zero, one that was granted, or one that never was. */
  #lease(): number {
    if (this.#chance(5)) return 999_999;
    return this.#lastLease === 0 ? 1 : 1 + this.#random.int(this.#lastLease);
  }

  #value(): string {
    return this.#chance(5) ? '' : `v${this.#random.int(8)}`;
  }

  #put(): PutRequest<string> {
    const request: PutRequest<string> = { key: this.#key(), value: this.#value(), prevKv: this.#chance(40) };
    if (this.#chance(30)) request.lease = this.#lease();
    if (this.#chance(8)) return { ...request, ignoreValue: true, ...(this.#chance(80) && { value: '' }) };
    if (this.#chance(8)) return { ...request, ignoreLease: true, ...(this.#chance(80) && { lease: 0 }) };
    return request;
  }

  #range(): RangeRequest {
    const request: RangeRequest = this.#keyRange();
    if (this.#chance(40)) request.revision = this.#revision();
    if (this.#chance(30)) request.limit = 1 + this.#random.int(5);
    if (this.#chance(15)) request.keysOnly = true;
    if (this.#chance(10)) request.countOnly = true;
    const wide = request.end === '\0';
    if (this.#chance(30)) {
      // Equal values in a long list come in an order that etcd's sort does not promise.
      request.sortTarget = wide ? this.#pick(['KEY', 'MOD'] as const) : this.#pick(['KEY', 'VERSION', 'CREATE', 'MOD', 'VALUE'] as const);
      request.sortOrder = this.#pick(['NONE', 'ASCEND', 'DESCEND'] as const);
      // Keys of one transaction have one revision.
      if (wide && request.sortTarget === 'MOD') request.sortTarget = 'KEY';
    }
    if (this.#chance(10)) request.minModRevision = this.#revision();
    if (this.#chance(10)) request.maxModRevision = this.#revision();
    if (this.#chance(10)) request.minCreateRevision = this.#revision();
    if (this.#chance(10)) request.maxCreateRevision = this.#revision();
    return request;
  }

  #delete(): DeleteRangeRequest {
    const range = this.#chance(80) ? { key: this.#key() } : this.#keyRange();
    return { ...range, prevKv: this.#chance(40) };
  }

  #comparison(): Comparison<string> {
    const range = this.#chance(85) ? { key: this.#key() } : this.#keyRange();
    const result = this.#pick(['EQUAL', 'GREATER', 'LESS', 'NOT_EQUAL'] as const);
    const target = this.#pick(['VERSION', 'CREATE', 'MOD', 'VALUE', 'LEASE'] as const);
    if (target === 'VALUE') return { ...range, target, result, operand: this.#value() };
    const operands = {
      VERSION: () => this.#random.int(4),
      CREATE: () => this.#revision(),
      MOD: () => this.#revision(),
      LEASE: () => this.#lease(),
    };
    return { ...range, target, result, operand: this.#chance(25) ? 0 : operands[target]() };
  }

  #txn(depth: number): TxnRequest<string> {
    const many = <T>(most: number, make: () => T): T[] => Array.from({ length: this.#random.int(most + 1) }, make);
    return {
      compare: many(2, () => this.#comparison()),
      success: many(4, () => this.#requestOp(depth)),
      failure: many(3, () => this.#requestOp(depth)),
    };
  }

  #requestOp(depth: number): RequestOp<string> {
    const dice = this.#random.int(100);
    if (dice < 45) return { type: 'put', request: this.#put() };
    if (dice < 70) return { type: 'range', request: this.#range() };
    if (dice < 85 || depth === 0) {
      // In a transaction a deletion to the last key may meet a put unseen, and what is left then depends on etcd's insides.
      const request = this.#delete();
      return { type: 'deleteRange', request: request.end === '\0' ? { key: request.key } : request };
    }
    return { type: 'txn', request: this.#txn(depth - 1) };
  }

  #compaction(): number {
    const { revision, compactedRevision } = this.#situation;
    let wanted = Math.max(1, compactedRevision - 1 + this.#random.int(Math.floor((revision - compactedRevision) / 2) + 3));
    if (this.#chance(10)) wanted = revision + 1 + this.#random.int(3);
    while (wanted > compactedRevision && wanted <= revision && this.#situation.deletesAt(wanted)) wanted--;
    return Math.max(1, wanted);
  }

  /** Each lives longer than those before, so that their order is certain. */
  #grant(): Operation {
    const again = this.#chance(15) || this.#lastLease >= MOST_LEASES;
    if (again && this.#chance(50)) return { type: 'leaseGrant', id: this.#lease(), ttl: 10_000_000_000 };
    const id = again ? this.#lease() : ++this.#lastLease;
    return { type: 'leaseGrant', id, ttl: 100_000 + 10_000 * this.#grants++ };
  }

  #watch(): WatchRequest {
    const request: WatchRequest = { ...this.#keyRange(), prevKv: this.#chance(50) };
    if (request.key === '') request.key = 'a/k1';
    if (this.#chance(70)) request.startRevision = this.#revision();
    if (this.#chance(20)) request.filters = [this.#pick(['NOPUT', 'NODELETE'] as const)];
    return request;
  }
}
