/**
 * The ConfigMaps and Secrets that the node's pods refer to, each watched alone for as long as a pod needs it
 * (`pkg/kubelet/util/manager/watch_based_manager.go`).
 */
import { ConfigMapResource } from '../api/core/config-map.ts';
import { SecretResource } from '../api/core/secret.ts';
import { decodeBase64, decodeBase64Text } from '../apimachinery/base64.ts';
import type { ConfigMap, Container, Pod, Secret } from '../api/generated/types.ts';
import type { Client } from '../client/client.ts';
import { Informer } from '../client/informer.ts';
import type { TaskScope } from '../sim/task-scope.ts';
import type { ConfigSource } from './env.ts';

interface Entry {
  readonly scope: TaskScope;
  readonly informer: Informer<ConfigMap> | Informer<Secret>;
  users: number;
}

type Data = Readonly<Record<string, string>>;

const keyFor = (kind: 'configmap' | 'secret', namespace: string, name: string): string => `${kind}/${namespace}/${name}`;

/** Names of the objects a pod's volumes and environment refer to, as "configmap/name". */
export function configReferences({ spec }: Pod): Set<string> {
  const found = new Set<string>();
  const add = (kind: 'configmap' | 'secret', name: string | undefined) => name !== undefined && found.add(`${kind}/${name}`);
  for (const volume of spec.volumes ?? []) {
    add('configmap', volume.configMap?.name);
    add('secret', volume.secret?.secretName);
    for (const source of volume.projected?.sources ?? []) {
      add('configmap', source.configMap?.name);
      add('secret', source.secret?.name);
    }
  }
  for (const container of [...(spec.initContainers ?? []), ...spec.containers]) environmentReferences(container, add);
  return found;
}

function environmentReferences(container: Container, add: (kind: 'configmap' | 'secret', name: string | undefined) => unknown): void {
  for (const { configMapRef, secretRef } of container.envFrom ?? []) {
    add('configmap', configMapRef?.name);
    add('secret', secretRef?.name);
  }
  for (const { valueFrom } of container.env ?? []) {
    add('configmap', valueFrom?.configMapKeyRef?.name);
    add('secret', valueFrom?.secretKeyRef?.name);
  }
}

/** The text of a base 64 value. Bytes that are not UTF-8 become one character each: files in the simulation are texts. */
function textOf(value: string): string {
  return decodeBase64Text(value) ?? String.fromCharCode(...(decodeBase64(value) ?? []));
}

/** Live copies of the referenced objects. */
export class ConfigCache implements ConfigSource {
  readonly #scope: TaskScope;
  readonly #client: Client;
  readonly #entries = new Map<string, Entry>();
  /** Decoded data by object, so that a Secret is decoded once. */
  readonly #decoded = new WeakMap<object, Data>();
  /** Told the key ("configmap/ns/name") of an object that changed, came or went. */
  onChange: ((key: string) => void) | undefined;

  constructor(scope: TaskScope, client: Client) {
    this.#scope = scope;
    this.#client = client;
  }

  /** Begins to watch what the pod refers to. */
  registerPod(pod: Pod): void {
    const namespace = pod.metadata.namespace ?? '';
    for (const reference of configReferences(pod)) {
      const [kind, name = ''] = reference.split('/');
      const key = keyFor(kind === 'secret' ? 'secret' : 'configmap', namespace, name);
      const entry = this.#entries.get(key) ?? this.#watch(key, kind === 'secret', namespace, name);
      entry.users++;
    }
  }

  /** Ends the watches that no other pod needs. */
  unregisterPod(pod: Pod): void {
    for (const reference of configReferences(pod)) {
      const key = reference.replace('/', `/${pod.metadata.namespace ?? ''}/`);
      const entry = this.#entries.get(key);
      if (entry === undefined || --entry.users > 0) continue;
      this.#entries.delete(key);
      entry.scope.kill();
    }
  }

  configMapData(namespace: string, name: string): Data | undefined {
    const object = this.#find(keyFor('configmap', namespace, name), `${namespace}/${name}`) as ConfigMap | undefined;
    if (object === undefined) return undefined;
    if (object.binaryData === undefined) return object.data ?? {};
    return this.#decode(object, object.data ?? {}, object.binaryData);
  }

  secretData(namespace: string, name: string): Data | undefined {
    const object = this.#find(keyFor('secret', namespace, name), `${namespace}/${name}`) as Secret | undefined;
    return object && this.#decode(object, {}, object.data ?? {});
  }

  #find(key: string, objectKey: string): ConfigMap | Secret | undefined {
    return this.#entries.get(key)?.informer.get(objectKey);
  }

  #decode(object: object, plain: Data, encoded: Data): Data {
    let data = this.#decoded.get(object);
    if (data === undefined) {
      data = { ...plain, ...Object.fromEntries(Object.entries(encoded).map(([key, value]) => [key, textOf(value)])) };
      this.#decoded.set(object, data);
    }
    return data;
  }

  #watch(key: string, isSecret: boolean, namespace: string, name: string): Entry {
    const scope = this.#scope.child();
    const options = { namespace, fieldSelector: `metadata.name=${name}` };
    const changed = () => this.onChange?.(key);
    const handler = { add: changed, update: changed };
    const informer = isSecret
      ? new Informer<Secret>(scope, this.#client, SecretResource, options).addHandler(handler)
      : new Informer<ConfigMap>(scope, this.#client, ConfigMapResource, options).addHandler(handler);
    const entry: Entry = { scope, informer, users: 0 };
    this.#entries.set(key, entry);
    informer.start();
    return entry;
  }
}
