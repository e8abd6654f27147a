/**
 * The one error type that crosses the API: `metav1.Status` as an exception, with upstream's reasons, codes and texts
 * (`k8s.io/apimachinery/pkg/api/errors/errors.go`).
 */

/** `metav1.StatusCause`. */
export interface StatusCause {
  /** Machine-readable cause, e.g. "FieldValueRequired". */
  reason?: string;
  message?: string;
  /** Path of the field, e.g. "spec.containers[0].image". */
  field?: string;
}

/** `metav1.StatusDetails`. */
export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** `metav1.Status`. */
export interface Status {
  apiVersion: 'v1';
  kind: 'Status';
  metadata: Record<string, never>;
  status: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code: number;
}

/** A failed request. `status` is what a client receives; `message` equals `status.message`. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly status: Status;

  constructor(code: number, reason: string, message: string, details?: StatusDetails) {
    super(message);
    this.status = { apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Failure', message, reason, ...(details && { details }), code };
  }

  /** HTTP status code. */
  get code(): number {
    return this.status.code;
  }

  /** `metav1.StatusReason`: "NotFound", "Conflict", "Invalid", ... */
  get reason(): string {
    return this.status.reason ?? '';
  }
}

/** What the texts of errors name a resource by. */
export interface GroupResource {
  group: string;
  resource: string;
}

function qualified({ group, resource }: GroupResource): string {
  return group ? `${resource}.${group}` : resource;
}

const detailsOf = ({ group, resource }: GroupResource, name: string): StatusDetails => ({ name, ...(group && { group }), kind: resource });

/** 404. */
export function notFound(resource: GroupResource, name: string): StatusError {
  return new StatusError(404, 'NotFound', `${qualified(resource)} "${name}" not found`, detailsOf(resource, name));
}

/** 409 on create. */
export function alreadyExists(resource: GroupResource, name: string): StatusError {
  return new StatusError(409, 'AlreadyExists', `${qualified(resource)} "${name}" already exists`, detailsOf(resource, name));
}

/** 409 on update: somebody else wrote in between, or a precondition failed. */
export function conflict(resource: GroupResource, name: string, why: string): StatusError {
  return new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`,
    detailsOf(resource, name),
  );
}

/** The reason text of the usual optimistic-lock conflict. */
export const OPTIMISTIC_LOCK_ERROR = 'the object has been modified; please apply your changes to the latest version and try again';

/** 403. */
export function forbidden(resource: GroupResource, name: string, why: string): StatusError {
  const subject = name ? `${qualified(resource)} "${name}"` : qualified(resource);
  return new StatusError(403, 'Forbidden', `${subject} is forbidden: ${why}`, detailsOf(resource, name));
}

/** 422 with one cause per field error. `kind` is the object's kind, `group` its API group. */
export function invalid(group: string, kind: string, name: string, errors: readonly FieldError[]): StatusError {
  const causes = errors.map((error) => ({ reason: error.type, message: error.detail, field: error.field }));
  const texts = errors.map((error) => `${error.field}: ${error.detail}`);
  const joined = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  return new StatusError(422, 'Invalid', `${group ? `${kind}.${group}` : kind} "${name}" is invalid: ${joined}`, {
    name,
    ...(group && { group }),
    kind,
    causes,
  });
}

/** 400. */
export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}

/** 405. */
export function methodNotSupported(resource: GroupResource, action: string): StatusError {
  return new StatusError(
    405,
    'MethodNotAllowed',
    `${action} is not supported on resources of kind "${qualified(resource)}"`,
    detailsOf(resource, ''),
  );
}

/** 410: the asked revision was compacted, or is older than the watch window. */
export function resourceExpired(message: string): StatusError {
  return new StatusError(410, 'Expired', message);
}

/** 503: the component that should answer is down. */
export function serviceUnavailable(message: string): StatusError {
  return new StatusError(503, 'ServiceUnavailable', message);
}

/** True for a `StatusError` of the given reason. */
export function hasReason(error: unknown, reason: string): error is StatusError {
  return error instanceof StatusError && error.reason === reason;
}

/** `field.ErrorType` values as they appear in `StatusCause.reason`. */
export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueTypeInvalid';

/** One finding of validation (`k8s.io/apimachinery/pkg/util/validation/field/errors.go`). `detail` is the text behind "field: ". */
export interface FieldError {
  type: FieldErrorType;
  /** e.g. "spec.containers[0].name" */
  field: string;
  /** e.g. "Required value: must specify at least one container" */
  detail: string;
}

/** A value as field errors print it: strings quoted, numbers bare, the rest as JSON. */
function shown(value: unknown): string {
  return JSON.stringify(value) ?? 'null';
}

const withDetail = (head: string, detail: string) => (detail ? `${head}: ${detail}` : head);

/** `field.Required`. */
export const required = (field: string, detail = ''): FieldError => ({
  type: 'FieldValueRequired',
  field,
  detail: withDetail('Required value', detail),
});
/** `field.Invalid`. */
export const invalidValue = (field: string, value: unknown, detail: string): FieldError => ({
  type: 'FieldValueInvalid',
  field,
  detail: withDetail(`Invalid value: ${shown(value)}`, detail),
});
/** `field.Duplicate`. */
export const duplicate = (field: string, value: unknown): FieldError => ({
  type: 'FieldValueDuplicate',
  field,
  detail: `Duplicate value: ${shown(value)}`,
});
/** `field.NotFound`. */
export const fieldNotFound = (field: string, value: unknown): FieldError => ({
  type: 'FieldValueNotFound',
  field,
  detail: `Not found: ${shown(value)}`,
});
/** `field.Forbidden`. */
export const forbiddenField = (field: string, detail: string): FieldError => ({
  type: 'FieldValueForbidden',
  field,
  detail: withDetail('Forbidden', detail),
});
/** `field.NotSupported`; the supported values are listed in the given order (upstream sorts them at most call sites). */
export const notSupported = (field: string, value: unknown, supported: readonly string[]): FieldError => ({
  type: 'FieldValueNotSupported',
  field,
  detail: `Unsupported value: ${shown(value)}: supported values: ${supported.map(shown).join(', ')}`,
});
/** `field.TooLong`. */
export const tooLong = (field: string, maxLength: number): FieldError => ({
  type: 'FieldValueTooLong',
  field,
  detail: `Too long: may not be more than ${maxLength} bytes`,
});
