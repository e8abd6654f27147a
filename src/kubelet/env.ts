/**
 * A container's environment (`pkg/kubelet/kubelet_pods.go`, `makeEnvironmentVariables`): envFrom first, then env in
 * order, each value seeing the earlier ones and the service variables, then the service variables that nothing replaced.
 * Differs: variables keep the order in which they arise; upstream's order is that of a Go map.
 */
import { expand } from '../apimachinery/expansion.ts';
import { isRelaxedEnvVarName } from '../apimachinery/names.ts';
import type { Container, EnvVar, Pod } from '../api/generated/types.ts';
import { fieldValue, resourceValue, unresolvable } from './downward.ts';
import type { Allocatable, RuntimeFields } from './downward.ts';
import type { EnvEntry } from './service-env.ts';

/** Where the data of ConfigMaps and Secrets comes from; undefined when there is no such object. */
export interface ConfigSource {
  configMapData(namespace: string, name: string): Readonly<Record<string, string>> | undefined;
  /** Decoded. */
  secretData(namespace: string, name: string): Readonly<Record<string, string>> | undefined;
}

/** All that a container's environment depends on. */
export interface EnvContext {
  readonly pod: Pod;
  readonly runtime: RuntimeFields;
  readonly services: readonly EnvEntry[];
  readonly config: ConfigSource;
  readonly allocatable: Allocatable;
  /** Told of keys that cannot be variable names: event text of reason InvalidEnvironmentVariableNames. */
  onInvalidNames?(message: string): void;
}

const namespaceOf = (pod: Pod): string => pod.metadata.namespace ?? '';

/** The variables in order. Throws a StatusError whose message is the waiting message of CreateContainerConfigError. */
export function containerEnvironment(container: Container, context: EnvContext): readonly EnvEntry[] {
  if (!container.env?.length && !container.envFrom?.length) return context.services;
  const services = new Map(context.services.map(({ name, value }) => [name, value]));
  const env = new Map<string, string>();
  addEnvFrom(container, context, env);
  for (const variable of container.env ?? []) {
    const value = variable.valueFrom
      ? valueFrom(variable, container, context)
      : expand(variable.value ?? '', (name) => env.get(name) ?? services.get(name));
    if (value !== undefined) env.set(variable.name, value);
  }
  const result: EnvEntry[] = [];
  for (const [name, value] of env) result.push({ name, value });
  for (const entry of context.services) if (!env.has(entry.name)) result.push(entry);
  return result;
}

function addEnvFrom(container: Container, context: EnvContext, env: Map<string, string>): void {
  const namespace = namespaceOf(context.pod);
  for (const { configMapRef, secretRef, prefix = '' } of container.envFrom ?? []) {
    const reference = configMapRef ?? secretRef;
    const name = reference?.name;
    if (reference === undefined || name === undefined) continue;
    const data = configMapRef ? context.config.configMapData(namespace, name) : context.config.secretData(namespace, name);
    const kind = configMapRef ? 'configmap' : 'secret';
    if (data === undefined) {
      if (reference.optional) continue;
      throw unresolvable(`${kind} ${JSON.stringify(name)} not found`);
    }
    const skipped: string[] = [];
    for (const key of Object.keys(data).sort()) {
      if (isRelaxedEnvVarName(prefix + key).length > 0) skipped.push(prefix + key);
      else env.set(prefix + key, data[key] ?? '');
    }
    if (skipped.length > 0) {
      const source = configMapRef ? 'configMap' : 'secret';
      context.onInvalidNames?.(
        `Keys [${skipped.join(', ')}] from the EnvFrom ${source} ${namespace}/${name} were skipped since they are considered invalid environment variable names.`,
      );
    }
  }
}

/** The value of `valueFrom`, undefined for an optional reference to nothing. */
function valueFrom({ valueFrom: from }: EnvVar, container: Container, context: EnvContext): string | undefined {
  const { pod, runtime, config, allocatable } = context;
  if (from?.fieldRef) return fieldValue(pod, from.fieldRef.fieldPath, runtime);
  if (from?.resourceFieldRef) {
    const { containerName, resource, divisor } = from.resourceFieldRef;
    return resourceValue(namedContainer(pod, containerName) ?? container, resource, divisor, allocatable);
  }
  if (from?.configMapKeyRef) {
    const { name = '', key, optional } = from.configMapKeyRef;
    return keyValue('ConfigMap', name, key, optional, namespaceOf(pod), config.configMapData(namespaceOf(pod), name));
  }
  if (from?.secretKeyRef) {
    const { name = '', key, optional } = from.secretKeyRef;
    return keyValue('Secret', name, key, optional, namespaceOf(pod), config.secretData(namespaceOf(pod), name));
  }
  return undefined;
}

function keyValue(
  kind: 'ConfigMap' | 'Secret',
  name: string,
  key: string,
  optional: boolean | undefined,
  namespace: string,
  data: Readonly<Record<string, string>> | undefined,
): string | undefined {
  if (data === undefined) {
    if (optional) return undefined;
    throw unresolvable(`${kind.toLowerCase()} ${JSON.stringify(name)} not found`);
  }
  const value = data[key];
  if (value === undefined && !optional) throw unresolvable(`couldn't find key ${key} in ${kind} ${namespace}/${name}`);
  return value;
}

/** A container of the pod by name, init containers included. */
export function namedContainer(pod: Pod, name: string | undefined): Container | undefined {
  if (!name) return undefined;
  return (
    pod.spec.containers.find((container) => container.name === name) ??
    pod.spec.initContainers?.find((container) => container.name === name)
  );
}
