/**
 * The admission chain: plugins that may change a request's object, then plugins that may refuse it, in upstream's
 * order (`k8s.io/kubernetes/pkg/kubeapiserver/options/plugins.go`).
 */
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { RequestOptions, UserInfo } from '../../api/request.ts';
import type { ResourceDefinition } from '../../api/resource.ts';
import type { AdmissionStep } from '../audit.ts';

/** Reads that plugins need, past the pipeline. */
export interface ObjectReader {
  get<T extends KubernetesObject>(resource: ResourceDefinition<T>, namespace: string | undefined, name: string): T | undefined;
  list<T extends KubernetesObject>(resource: ResourceDefinition<T>, namespace?: string): readonly T[];
  /** Counts writes of the resource; for caches that depend on its objects. */
  generation(resource: ResourceDefinition): number;
  /** The same count, to be looked at again and again. */
  counter(resource: ResourceDefinition): { readonly writes: number };
}

/** What a subresource takes, where that is not its parent's kind: "policy/v1, Eviction". */
export interface BodyKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** The name of its fields' table: "policy.v1.Eviction". */
  readonly schema: string;
}

/** One request, as a plugin sees it. */
export interface AdmissionRequest {
  /** CONNECT opens a stream to a pod: exec, attach, port-forward. */
  operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  /** Of a subresource, its parent. */
  resource: ResourceDefinition;
  subresource: string;
  /** The kind of `object` and `old`; without one, that of `resource`. */
  bodyKind?: BodyKind;
  namespace: string | undefined;
  name: string;
  /** The new object; undefined on DELETE. What CONNECT has, its options, has no metadata. */
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

/** What a plugin has to say about a request that it let pass. */
export interface AdmissionNote {
  /** For the audit record, by name. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** A step of the chain. Both functions refuse by throwing a `StatusError`. */
export interface AdmissionPlugin {
  name: string;
  /** Whether it is asked about subresources too, not only about objects and their status. */
  readonly seesSubresources?: true;
  /** Returns the object to go on with: the same one, or a changed copy. `others` runs all other mutating plugins over an object. */
  admit?(request: AdmissionRequest, object: KubernetesObject, others: (object: KubernetesObject) => KubernetesObject): KubernetesObject;
  validate?(request: AdmissionRequest): AdmissionNote | undefined | void;
  /** Called when a validated request did not happen after all, or was a dry run; undoes what `validate` reserved. */
  release?(request: AdmissionRequest): void;
}

interface Halves {
  readonly mutating: readonly AdmissionPlugin[];
  readonly validating: readonly AdmissionPlugin[];
}

const halvesOf = (plugins: readonly AdmissionPlugin[]): Halves => ({
  mutating: plugins.filter(({ admit }) => admit !== undefined),
  validating: plugins.filter(({ validate }) => validate !== undefined),
});

/** Runs the chain. */
export class AdmissionChain {
  readonly #all: Halves;
  readonly #forSubresources: Halves;
  /** What the plugins did since the server last cleared this; undefined when nothing. For the audit trail. */
  steps: AdmissionStep[] | undefined;

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#all = halvesOf(plugins);
    this.#forSubresources = halvesOf(plugins.filter(({ seesSubresources }) => seesSubresources));
  }

  /** The mutating half. */
  mutate(request: AdmissionRequest, object: KubernetesObject): KubernetesObject {
    const { mutating } = this.#pluginsFor(request);
    let current = object;
    let at = 0;
    try {
      for (; at < mutating.length; at++) {
        const plugin = mutating[at] as AdmissionPlugin;
        const next = plugin.admit?.(request, current, (changed) => this.#others(plugin, request, changed)) ?? current;
        if (next === current) continue;
        this.#note({ plugin: plugin.name, phase: 'mutating', before: current, after: next });
        current = next;
      }
      return current;
    } catch (error) {
      this.#note({ plugin: mutating[at]?.name ?? '', phase: 'mutating', refused: messageOf(error) });
      throw error;
    }
  }

  /** The validating half. */
  validate(request: AdmissionRequest): void {
    const { validating } = this.#pluginsFor(request);
    let at = 0;
    try {
      for (; at < validating.length; at++) {
        const note = validating[at]?.validate?.(request);
        if (note) this.#note({ plugin: validating[at]?.name ?? '', phase: 'validating', annotations: note.annotations });
      }
    } catch (error) {
      this.#note({ plugin: validating[at]?.name ?? '', phase: 'validating', refused: messageOf(error) });
      throw error;
    }
  }

  /** Reinvocation: all mutating plugins but one. */
  #others(except: AdmissionPlugin, request: AdmissionRequest, object: KubernetesObject): KubernetesObject {
    let current = object;
    for (const plugin of this.#pluginsFor(request).mutating)
      if (plugin !== except) current = plugin.admit?.(request, current, (same) => same) ?? current;
    return current;
  }

  #pluginsFor({ subresource }: AdmissionRequest): Halves {
    return subresource === '' || subresource === 'status' ? this.#all : this.#forSubresources;
  }

  #note(step: AdmissionStep): void {
    (this.steps ??= []).push(step);
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
