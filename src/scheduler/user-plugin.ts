/**
 * Scheduler plugins that the user writes (a whole scheduler: user-scheduler.ts). The script runs in an interpreter that the edge installs (it is large, so it is loaded when a
 * cluster has a SchedulerPlugin): no network, no page, no clock, no chance, and a budget of steps instead of a time limit, so
 * that the same script gives the same answers on every machine. What it answers is checked; a plugin that throws, loops or
 * returns nonsense fails the attempt of the pod, by name, and nothing else.
 */
import type { SchedulerPlugin } from '../api/kubarium/scheduler-plugin.ts';
import type { Node, Pod } from '../api/generated/types.ts';
import type { NodeInfo } from './cache/node-info.ts';
import type { PodInfo } from './cache/pod-info.ts';
import type { Plugin, PluginFactory } from './framework/interface.ts';
import { PluginFailure, failed, unschedulable } from './framework/status.ts';
import type { Status } from './framework/status.ts';

/** A script that has been read. Calls throw an Error with a message for the user. */
export interface UserProgram {
  /** The functions that it defines. */
  readonly functions: readonly string[];
  /** Calls one of them with values that JSON can carry; the answer likewise. */
  call(name: string, pod: unknown, ...others: readonly unknown[]): unknown;
  /** The same script in a new world of its own, as if nothing had been called yet. The one that was given before ends. */
  fresh(): UserProgram;
  /** Frees its memory. */
  dispose(): void;
}

/** What a script may use beyond what is usual. */
export interface ProgramLimits {
  /** Bytes. */
  readonly memory: number;
}

/** Reads and runs scripts. */
export interface UserPluginHost {
  /** Throws an Error with a message for the user when the script cannot be read. */
  compile(source: string, limits?: ProgramLimits): UserProgram;
}

/** What the message of a script that was stopped says. */
export const OVERRUN = 'it seems to loop for ever';

let installed: UserPluginHost | undefined;
const listeners = new Set<() => void>();

/** Puts the interpreter in place, for all schedulers of this process. */
export function installUserPluginHost(host: UserPluginHost): void {
  installed = host;
  for (const tell of listeners) tell();
}

/** The interpreter; undefined until it is installed. */
export const userPluginHost = (): UserPluginHost | undefined => installed;

/** Calls `tell` when the interpreter has been installed. Returns how to stop that. */
export function onUserPluginHost(tell: () => void): () => void {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

/** What a script sees of a pod: the object's own form, without status, and its requests. */
export interface PodView {
  metadata: Pick<Pod['metadata'], 'name' | 'namespace' | 'labels' | 'annotations'>;
  spec: Pod['spec'];
  /** cpu in thousandths, memory in bytes. */
  requests: { cpu: number; memory: number };
}

/** What a script sees of a node. */
export interface NodeView {
  metadata: Pick<Node['metadata'], 'name' | 'labels' | 'annotations'>;
  spec: Node['spec'];
  allocatable: { cpu: number; memory: number; pods: number };
  /** Of the pods that run there or are on their way. */
  requested: { cpu: number; memory: number; pods: number };
}

/** What a script is told of the pod. */
export function viewOfPod({ pod: { metadata, spec }, facts: { requests } }: PodInfo): PodView {
  const { name, namespace, labels = {}, annotations = {} } = metadata;
  return { metadata: { name, namespace, labels, annotations }, spec, requests: { cpu: requests.milliCPU, memory: requests.memory } };
}

/** What a script is told of the node. */
export function viewOfNode({ node, name, labels = {}, allocatable, requested, pods }: NodeInfo): NodeView {
  return {
    metadata: { name, labels, annotations: node?.metadata.annotations ?? {} },
    spec: node?.spec ?? {},
    allocatable: { cpu: allocatable.milliCPU, memory: allocatable.memory, pods: allocatable.allowedPodNumber },
    requested: { cpu: requested.milliCPU, memory: requested.memory, pods: pods.size },
  };
}

/** Longer reasons are cut. */
export const MAX_REASON = 256;
const MAX_SHOWN = 80;
const MAX_SCORE = 100;

/** A script's answer as it is shown: shortened JSON. */
export function shown(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? 'undefined');
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)} ...` : text;
}

/** The text of what was thrown. */
export const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** What the script's filter said, as the framework takes it. `true` or nothing: it fits; `false` or a text: it does not. */
export function filterAnswer(name: string, node: string, answer: unknown): Status | undefined {
  if (answer === true || answer === undefined || answer === null) return undefined;
  if (answer === false) return unschedulable(name, `node(s) were refused by plugin ${name}`);
  if (typeof answer === 'string' && answer !== '') return unschedulable(name, answer.slice(0, MAX_REASON));
  return failed(
    name,
    `plugin "${name}": filter(pod, node) returned ${shown(answer)} for node ${node}; it should return true, false or a text that says why not`,
  );
}

/** What the script's score said. Throws PluginFailure unless it is a number from 0 to 100; fractions are dropped. */
export function scoreAnswer(name: string, node: string, answer: unknown): number {
  if (typeof answer === 'number' && answer >= 0 && answer <= MAX_SCORE) return Math.trunc(answer);
  throw new PluginFailure(
    name,
    `plugin "${name}": score(pod, node) returned ${shown(answer)} for node ${node}; it should return a number from 0 to ${MAX_SCORE}`,
  );
}

/**
 * The plugin of a script. `tell` hears of each failure. A dry run asks a world of its own and tells nobody: what a script keeps between
 * calls, and how often it has failed, are the real attempts' alone.
 */
export const userPlugin =
  (name: string, program: UserProgram, tell: (message: string) => void): PluginFactory =>
  (_args, { dryRun }) => {
    if (dryRun !== true) return pluginOf(name, program.functions, () => program, tell);
    let own: UserProgram | undefined;
    return pluginOf(
      name,
      program.functions,
      () => (own ??= program.fresh()),
      () => undefined,
    );
  };

function pluginOf(name: string, functions: readonly string[], program: () => UserProgram, tell: (message: string) => void): Plugin {
  let seen: { pod: PodInfo; view: PodView } | undefined;
  const call = (point: 'filter' | 'score', pod: PodInfo, node: NodeInfo): unknown => {
    if (seen?.pod !== pod) seen = { pod, view: viewOfPod(pod) };
    try {
      return program().call(point, seen.view, viewOfNode(node));
    } catch (error) {
      throw new PluginFailure(name, `plugin "${name}": ${point}(pod, node) failed for node ${node.name}: ${messageOf(error)}`);
    }
  };
  const telling = <T>(run: () => T): T => {
    try {
      return run();
    } catch (error) {
      if (error instanceof PluginFailure) tell(error.message);
      throw error;
    }
  };
  return {
    name,
    ...(functions.includes('filter') && {
      filter(_state, pod, node) {
        try {
          const status = filterAnswer(name, node.name, call('filter', pod, node));
          if (status?.code === 'Error') tell(status.message);
          return status;
        } catch (error) {
          if (!(error instanceof PluginFailure)) throw error;
          tell(error.message);
          return failed(name, error.message);
        }
      },
    }),
    ...(functions.includes('score') && {
      score: (_state, pod, node) => telling(() => scoreAnswer(name, node.name, call('score', pod, node))),
    }),
  };
}

/** The script that runs for the object: its source, or what the editor made of it. */
export const scriptOf = ({ spec: { source, language = 'JavaScript', compiled } }: SchedulerPlugin): string | undefined =>
  language === 'TypeScript' ? compiled : source;
