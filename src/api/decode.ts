/**
 * Where untrusted JSON becomes an object: the body of a request from outside is checked against the kind's fields
 * before anything else looks at it (`k8s.io/apiserver/pkg/endpoints/handlers/create.go`: decode).
 */
import { badRequest, StatusError } from '../apimachinery/status.ts';
import { resourceByPlural } from './index.ts';
import type { ApiRequest } from './request.ts';
import { apiVersionOf } from './resource.ts';
import type { ResourceDefinition } from './resource.ts';
import { checkBody } from './schema-check.ts';

/** The body as far as the kind knows it, and warnings about the rest. */
export interface Decoded {
  body: unknown;
  warnings: readonly string[];
}

/** What is sent to a subresource, where that is not the object itself. */
export const SUBRESOURCE_BODIES: Readonly<Record<string, { kind: string; version: string; schema: string }>> = {
  binding: { kind: 'Binding', version: 'v1', schema: 'core.v1.Binding' },
  eviction: { kind: 'Eviction', version: 'v1', schema: 'policy.v1.Eviction' },
  scale: { kind: 'Scale', version: 'v1', schema: 'autoscaling.v1.Scale' },
  token: { kind: 'TokenRequest', version: 'v1', schema: 'authentication.v1.TokenRequest' },
};

/** Checks the body of a create or update of a main resource; other bodies pass. `served` is the kind's definition. Throws 400. */
export function decodeBody(
  request: Pick<ApiRequest, 'verb' | 'group' | 'version' | 'resource' | 'subresource' | 'body' | 'options'>,
  served: ResourceDefinition | undefined = resourceByPlural(request.group, request.version, request.resource),
): Decoded {
  const { verb, subresource, body, options } = request;
  if (verb !== 'create' && verb !== 'update') return { body, warnings: [] };
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw badRequest('the body of the request must be an object');
  const definition = served;
  const { metadata } = body as { metadata?: unknown };
  // A missing struct is an empty one.
  const whole = metadata === undefined || metadata === null ? { ...body, metadata: {} } : body;
  if (definition === undefined) throw new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
  const special = SUBRESOURCE_BODIES[subresource ?? ''];
  if (special !== undefined) return checkBody(special, whole, options?.fieldValidation ?? 'Warn');
  const { apiVersion = apiVersionOf(definition), kind = definition.kind } = body as { apiVersion?: string; kind?: string };
  if (apiVersion !== apiVersionOf(definition) || kind !== definition.kind)
    throw badRequest(
      `${kind} in version "${apiVersion}" cannot be handled as a ${definition.kind}: no kind "${kind}" is registered for the path`,
    );
  const validation = options?.fieldValidation ?? 'Warn';
  return definition.decode?.(whole, validation) ?? checkBody(definition, whole, validation);
}
