/** etcd's refusals: texts and gRPC codes (`api/v3rpc/rpctypes/error.go`). */

/** A refused operation, with etcd's text. */
export class EtcdError extends Error {
  override readonly name = 'EtcdError';
  /** The gRPC status code. */
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;
const FAILED_PRECONDITION = 9;
const OUT_OF_RANGE = 11;

const refusal = (message: string, code: number) => (): EtcdError => new EtcdError(`etcdserver: ${message}`, code);

export const EMPTY_KEY = refusal('key is not provided', INVALID_ARGUMENT);
export const KEY_NOT_FOUND = refusal('key not found', INVALID_ARGUMENT);
export const VALUE_PROVIDED = refusal('value is provided', INVALID_ARGUMENT);
export const LEASE_PROVIDED = refusal('lease is provided', INVALID_ARGUMENT);
export const TOO_MANY_OPERATIONS = refusal('too many operations in txn request', INVALID_ARGUMENT);
export const DUPLICATE_KEY = refusal('duplicate key given in txn request', INVALID_ARGUMENT);
export const COMPACTED = refusal('mvcc: required revision has been compacted', OUT_OF_RANGE);
export const FUTURE_REVISION = refusal('mvcc: required revision is a future revision', OUT_OF_RANGE);
export const LEASE_NOT_FOUND = refusal('requested lease not found', NOT_FOUND);
export const LEASE_EXISTS = refusal('lease already exists', FAILED_PRECONDITION);
export const LEASE_TTL_TOO_LARGE = refusal('too large lease TTL', OUT_OF_RANGE);
