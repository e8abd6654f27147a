/**
 * The admission chain: plugins that may change a request's object, then plugins that may refuse it, in upstream's
 * order (`k8s.io/kubernetes/pkg/kubeapiserver/options/plugins.go`).
 */
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { RequestOptions, UserInfo } from '../../api/request.ts';
import type { ResourceDefinition } from '../../api/resource.ts';

/** Reads that plugins need, past the pipeline. */
export interface ObjectReader {
  get<T extends KubernetesObject>(resource: ResourceDefinition<T>, namespace: string | undefined, name: string): T | undefined;
  list<T extends KubernetesObject>(resource: ResourceDefinition<T>, namespace?: string): T[];
  /** Counts writes of the resource; for caches that depend on its objects. */
  generation(resource: ResourceDefinition): number;
}

/** One request, as a plugin sees it. */
export interface AdmissionRequest {
  operation: 'CREATE' | 'UPDATE' | 'DELETE';
  resource: ResourceDefinition;
  subresource: string;
  namespace: string | undefined;
  name: string;
  /** The new object; undefined on DELETE. */
  object: KubernetesObject | undefined;
  old: KubernetesObject | undefined;
  options: RequestOptions;
  user: UserInfo;
  /** The request comes from outside the cluster (`ApiRequest`). */
  external?: boolean;
  /** Takes texts for `Warning` headers. */
  warn?: (text: string) => void;
  reader: ObjectReader;
  /** Virtual time, ms. */
  now: number;
}

/** A step of the chain. Both functions refuse by throwing a `StatusError`. */
export interface AdmissionPlugin {
  name: string;
  /** Returns the object to go on with: the same one, or a changed copy. */
  admit?(request: AdmissionRequest, object: KubernetesObject): KubernetesObject;
  validate?(request: AdmissionRequest): void;
  /** Called when a validated request did not happen after all, or was a dry run; undoes what `validate` reserved. */
  release?(request: AdmissionRequest): void;
}

/** Runs the chain. */
export class AdmissionChain {
  readonly #plugins: readonly AdmissionPlugin[];

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#plugins = plugins;
  }

  /** The mutating half. */
  mutate(request: AdmissionRequest, object: KubernetesObject): KubernetesObject {
    let current = object;
    for (const plugin of this.#plugins) if (plugin.admit) current = plugin.admit(request, current);
    return current;
  }

  /** The validating half. */
  validate(request: AdmissionRequest): void {
    for (const plugin of this.#plugins) plugin.validate?.(request);
  }
}
