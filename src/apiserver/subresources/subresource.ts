/** What a subresource other than status is: a handler for its verbs. */
import type { ApiRequest, ApiResponse, Transport } from '../../api/request.ts';
import type { Registry, RequestContext } from '../registry/registry.ts';

/** A call to a subresource. */
export interface SubresourceCall {
  /** The registry of the parent resource. */
  registry: Registry;
  context: RequestContext;
  request: ApiRequest;
  server: Transport & { registry(group: string, plural: string): Registry };
}

/** One subresource. */
export interface Subresource {
  /** Plural name of the parent; "*" for every resource. */
  resource: string;
  name: string;
  /** Undefined when the verb is not supported. */
  handle(call: SubresourceCall): ApiResponse | undefined;
}
