/** Subresources of pods that the apiserver passes on to the pod's kubelet: log; and the streams that the edges open: followed logs, exec, attach. */
import { badRequest, invalid, invalidValue, StatusError } from '../apimachinery/status.ts';
import type { FieldError } from '../apimachinery/status.ts';
import { parseTime } from '../apimachinery/durations.ts';
import type { Pod } from '../api/generated/types.ts';
import type { ApiResponse } from '../api/request.ts';
import type { Subresource, SubresourceCall } from '../apiserver/subresources/subresource.ts';
import type { ExecSession, ExecStreams } from '../container-runtime/exec.ts';
import type { LogQuery } from '../kubelet/logs.ts';
import { logText } from '../kubelet/logs.ts';
import type { ClusterNode } from './node.ts';

/** A container of a pod. */
export interface ContainerTarget {
  namespace: string;
  pod: string;
  container: string;
}

/** GET pods/{name}/log. The answer is `{ kind: "Log", text, container }`; the HTTP edge sends the text alone. */
export function logSubresource(nodeByName: (name: string) => ClusterNode | undefined): Subresource {
  return {
    resource: 'pods',
    name: 'log',
    handle({ registry, request }: SubresourceCall): ApiResponse | undefined {
      if (request.verb !== 'get') return undefined;
      const query = logQueryOf(request.name ?? '', request.options?.query ?? {}, registry.deps.sim.now);
      const pod = registry.get(request.namespace, request.name ?? '') as Pod;
      const container = containerOf(pod, request.options?.query?.['container']);
      const kubelet = nodeOf(pod, container, nodeByName)?.kubelet;
      const text = kubelet?.logs(pod.metadata.namespace ?? '', pod.metadata.name, container, query) ?? '';
      const object = { apiVersion: 'v1', kind: 'Log', metadata: pod.metadata, text, container };
      return { code: 200, object, warnings: [] };
    },
  };
}

/** `PodLogOptions` of a query string. Throws 422 for values that cannot be (`ValidatePodLogOptions`). */
function logQueryOf(name: string, query: Readonly<Record<string, string>>, now: number): LogQuery {
  const errors: FieldError[] = [];
  const number = (field: string, least: number): number | undefined => {
    const text = query[field];
    if (text === undefined || text === '') return undefined;
    const value = Number(text);
    if (!Number.isInteger(value)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
    if (value < least) errors.push(invalidValue(field, value, `must be greater than ${least === 0 ? 'or equal to ' : ''}0`));
    return value;
  };
  const [tailLines, limitBytes, sinceSeconds] = [number('tailLines', 0), number('limitBytes', 1), number('sinceSeconds', 1)];
  if (errors.length > 0) throw invalid('', 'PodLogOptions', name, errors);
  const sinceMs = query['sinceTime'] ? parseTime(query['sinceTime']) : sinceSeconds === undefined ? undefined : now - sinceSeconds * 1000;
  return { previous: query['previous'] === 'true', timestamps: query['timestamps'] === 'true', tailLines, limitBytes, sinceMs };
}

/** The pod's node, reachable; undefined while the pod has none. Throws 500 when the kubelet does not answer. */
function nodeOf(
  { metadata, spec }: Pod,
  container: string,
  nodeByName: (name: string) => ClusterNode | undefined,
): ClusterNode | undefined {
  const nodeName = spec.nodeName ?? '';
  if (nodeName === '') return undefined;
  const node = nodeByName(nodeName);
  if (node?.kubelet === undefined) {
    const path = `containerLogs/${metadata.namespace}/${metadata.name}/${container}`;
    throw new StatusError(500, 'InternalError', `Get "https://${nodeName}:10250/${path}": dial tcp: connect: no route to host`);
  }
  return node;
}

/** The container that is meant: the given one, the only one, or the one that the pod's annotation names. Throws 400. */
export function containerOf({ metadata, spec }: Pod, wanted: string | undefined): string {
  const main = spec.containers.map(({ name }) => name);
  const init = (spec.initContainers ?? []).map(({ name }) => name);
  const ephemeral = (spec.ephemeralContainers ?? []).map(({ name }) => name);
  if (wanted) {
    if (![...main, ...init, ...ephemeral].includes(wanted)) throw badRequest(`container ${wanted} is not valid for pod ${metadata.name}`);
    return wanted;
  }
  const byDefault = metadata.annotations?.['kubectl.kubernetes.io/default-container'];
  if (byDefault !== undefined && main.includes(byDefault)) return byDefault;
  const [first = '', ...others] = main;
  if (others.length + init.length + ephemeral.length === 0) return first;
  const also = (title: string, names: readonly string[]) =>
    names.length > 0 ? ` or one of the ${title} containers: [${names.join(' ')}]` : '';
  throw badRequest(
    `a container name must be specified for pod ${metadata.name}, choose one of: [${main.join(' ')}]${also('init', init)}${also('ephemeral', ephemeral)}`,
  );
}

/** A log being followed. */
export interface LogTail {
  /** False once the container has ended. */
  running(): boolean;
  stop(): void;
}

/** Follows a running container's log; undefined when it does not run. */
export function followLog(
  node: ClusterNode | undefined,
  { namespace, pod, container, timestamps }: ContainerTarget & { timestamps: boolean },
  write: (text: string) => void,
): LogTail | undefined {
  const id = node?.kubelet?.containerId(namespace, pod, container);
  if (node === undefined || id === undefined) return undefined;
  const stop = node.kubelet?.followLogs(namespace, pod, container, (line) => write(logText(line, timestamps)));
  return stop && { stop, running: () => node.runtime.containerStatus(id)?.state === 'CONTAINER_RUNNING' };
}

/** The runtime id of a container that runs. Throws 500 with upstream's text for one that does not. */
export function checkRunning(
  node: ClusterNode | undefined,
  { namespace, pod, container }: ContainerTarget,
): { node: ClusterNode; id: string } {
  const id = node?.kubelet?.containerId(namespace, pod, container);
  if (node === undefined || id === undefined || node.runtime.containerStatus(id)?.state !== 'CONTAINER_RUNNING')
    throw new StatusError(500, 'InternalError', `unable to upgrade connection: container not found (${JSON.stringify(container)})`);
  return { node, id };
}

/** Opens a command in a container, or with no command the container's own process. Throws 500 when that cannot be. */
export function openSession(
  node: ClusterNode | undefined,
  target: ContainerTarget,
  command: readonly string[] | undefined,
  streams: ExecStreams,
): ExecSession {
  const { node: found, id } = checkRunning(node, target);
  const session = command === undefined ? found.runtime.attach(id, streams) : found.runtime.openExec(id, command, streams);
  if ('error' in session)
    throw new StatusError(500, 'InternalError', `Internal error occurred: error executing command in container: ${session.error}`);
  return session;
}
