/** Containers and init containers of a pod (`validateContainers`, `validateInitContainers`). */
import { broken, oneOf, requiredLabel } from './common.ts';
import { duplicate, forbiddenField, required } from '../../apimachinery/status.ts';
import { isPortName, isPortNumber } from '../../apimachinery/names.ts';
import { validateEnv, validateEnvFrom } from './env.ts';
import { validateMounts } from './volumes.ts';
import { validateProbes } from './probes.ts';
import { validateResources } from './resources.ts';
import type { Container, ContainerPort, PodSpec, Volume } from '../generated/types.ts';
import type { FieldError } from '../../apimachinery/status.ts';

/** What a container's rules need of its pod. */
export interface PodContext {
  volumes: ReadonlyMap<string, Volume>;
  gracePeriodSeconds: number;
}

function validatePorts(ports: readonly ContainerPort[] | undefined, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  ports?.forEach(({ name, containerPort, hostPort, protocol }, index) => {
    const at = `${path}[${index}]`;
    if (name) {
      const messages = isPortName(name);
      errors.push(...broken(`${at}.name`, name, messages));
      if (messages.length === 0 && names.has(name)) errors.push(duplicate(`${at}.name`, name));
      names.add(name);
    }
    errors.push(
      ...(containerPort ? broken(`${at}.containerPort`, containerPort, isPortNumber(containerPort)) : [required(`${at}.containerPort`)]),
    );
    if (hostPort) errors.push(...broken(`${at}.hostPort`, hostPort, isPortNumber(hostPort)));
    errors.push(...oneOf(`${at}.protocol`, protocol, ['SCTP', 'TCP', 'UDP'], true));
  });
  return errors;
}

/** Rules for containers of every sort. */
function validateCommon(container: Container, { volumes }: PodContext, path: string): FieldError[] {
  const { name, image, terminationMessagePolicy, ports, env, envFrom, imagePullPolicy, resources, resizePolicy } = container;
  return [
    ...requiredLabel(`${path}.name`, name),
    ...(image ? [] : [required(`${path}.image`)]),
    ...oneOf(`${path}.terminationMessagePolicy`, terminationMessagePolicy, ['File', 'FallbackToLogsOnError'], true),
    ...validatePorts(ports, `${path}.ports`),
    ...validateEnv(env, `${path}.env`),
    ...validateEnvFrom(envFrom, `${path}.envFrom`),
    ...validateMounts(container, volumes, `${path}.volumeMounts`),
    ...oneOf(`${path}.imagePullPolicy`, imagePullPolicy, ['Always', 'IfNotPresent', 'Never'], true),
    ...validateResources(resources, `${path}.resources`),
    ...(resizePolicy ?? []).flatMap(({ resourceName, restartPolicy }, index) => [
      ...oneOf(`${path}.resizePolicy[${index}].resourceName`, resourceName, ['cpu', 'memory'], true),
      ...oneOf(`${path}.resizePolicy[${index}].restartPolicy`, restartPolicy, ['NotRequired', 'RestartContainer'], true),
    ]),
  ];
}

/** Two containers may not ask for one port of the host. */
function hostPortConflicts(containers: readonly Container[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  const taken = new Set<string>();
  containers.forEach(({ ports = [] }, container) => {
    ports.forEach(({ hostPort, hostIP = '', protocol = 'TCP' }, port) => {
      if (!hostPort) return;
      const key = `${protocol}/${hostIP}/${hostPort}`;
      if (taken.has(key)) errors.push(duplicate(`${path}[${container}].ports[${port}].hostPort`, key));
      taken.add(key);
    });
  });
  return errors;
}

/** The main containers. */
export function validateContainers(containers: readonly Container[] | undefined, context: PodContext, path: string): FieldError[] {
  if (!containers?.length) return [required(path)];
  const errors: FieldError[] = [];
  const names = new Set<string>();
  containers.forEach((container, index) => {
    const at = `${path}[${index}]`;
    errors.push(...validateCommon(container, context, at));
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    names.add(container.name);
    errors.push(...validateProbes(container, context.gracePeriodSeconds, at));
    if (container.restartPolicy !== undefined) errors.push(forbiddenField(`${at}.restartPolicy`, 'may not be set for non-init containers'));
  });
  return [...errors, ...hostPortConflicts(containers, path)];
}

const MAIN_ONLY = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'] as const;

/** The init containers; those with `restartPolicy: Always` may have hooks and probes. */
export function validateInitContainers({ containers, initContainers }: PodSpec, context: PodContext, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set((containers ?? []).map(({ name }) => name));
  initContainers?.forEach((container, index) => {
    const at = `${path}[${index}]`;
    errors.push(...validateCommon(container, context, at), ...oneOf(`${at}.restartPolicy`, container.restartPolicy, ['Always']));
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    else if (container.name) names.add(container.name);
    errors.push(...hostPortConflicts([container], path));
    if (container.restartPolicy === 'Always') errors.push(...validateProbes(container, context.gracePeriodSeconds, at));
    else {
      for (const field of MAIN_ONLY) {
        if (container[field] !== undefined) {
          errors.push(forbiddenField(`${at}.${field}`, 'may not be set for init containers without restartPolicy=Always'));
        }
      }
    }
  });
  return errors;
}
