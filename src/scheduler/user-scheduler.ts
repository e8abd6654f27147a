/**
 * A whole scheduler that the user writes: its script's `schedule(pod, nodes, pods)` is asked once for each pod, and its answer is the
 * decision. Everything around it is kube-scheduler's own: the queue with its back-off, binding, Events, decisions. It is asked where
 * PreFilter plugins are, for those may narrow all nodes to one; no other plugin has a say.
 * Differs: nothing but the script's answer counts, so the kubelet refuses a pod that does not fit, and volumes that wait for their
 * first consumer are not provisioned.
 */
import type { NodeInfo } from './cache/node-info.ts';
import type { PodInfo } from './cache/pod-info.ts';
import type { PluginRegistry } from './config.ts';
import { Action } from './framework/events.ts';
import type { Plugin, PluginFactory, PreFilterAnswer } from './framework/interface.ts';
import { failed, unschedulable } from './framework/status.ts';
import { defaultBinder } from './plugins/default-binder.ts';
import { prioritySort } from './plugins/priority-sort.ts';
import { schedulingGates } from './plugins/scheduling-gates.ts';
import { MAX_REASON, messageOf, shown, viewOfNode, viewOfPod } from './user-plugin.ts';
import type { PodView, UserProgram } from './user-plugin.ts';

/** The function that a scheduler's script defines. */
export const SCHEDULE = 'schedule';
const CALL = 'schedule(pod, nodes, pods)';
/** What its memory is limited to, bytes: it is given all nodes and all pods that have one. */
export const SCHEDULER_MEMORY = 16 * 1024 * 1024;

/** What a script is told of a pod that has a node. */
interface PlacedPodView {
  metadata: PodView['metadata'];
  spec: { nodeName: string; schedulerName?: string; priority?: number };
  requests: PodView['requests'];
}

function viewOfPlaced(info: PodInfo, nodeName: string): PlacedPodView {
  const { metadata, spec, requests } = viewOfPod(info);
  return { metadata, spec: { nodeName, schedulerName: spec.schedulerName, priority: spec.priority }, requests };
}

/** What the script answered: a node with the reason for it, a refusal, or nonsense (an Error). */
export type ScheduleAnswer = { nodeName: string; reason: string } | { refusal: string } | Error;

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/**
 * Reads an answer. "node-1" and { nodeName: "node-1", reason: "…" } name a node; { reason: "…" }, nothing, false and "" name none.
 * `has`: whether there is a node of that name.
 */
export function scheduleAnswer(name: string, answer: unknown, has: (node: string) => boolean): ScheduleAnswer {
  const nonsense = () =>
    new Error(`${CALL} returned ${shown(answer)}; it should return the name of a node, or { reason } when there is none for the pod now`);
  const none = `scheduler ${name} named no node`;
  if (answer === undefined || answer === null || answer === false || answer === '') return { refusal: none };
  const { nodeName, reason }: { nodeName?: unknown; reason?: unknown } = isText(answer) ? { nodeName: answer } : answer;
  if (Array.isArray(answer) || (reason !== undefined && !isText(reason))) return nonsense();
  const told = reason?.slice(0, MAX_REASON);
  if (nodeName === undefined || nodeName === null || nodeName === '') return told === undefined ? nonsense() : { refusal: told };
  if (!isText(nodeName)) return nonsense();
  if (!has(nodeName)) return new Error(`${CALL} returned ${shown(nodeName)}, but there is no such node`);
  return { nodeName, reason: told ?? '' };
}

/** Hears how each call went: with a message when it failed. */
export type Tell = (failure?: string) => void;

const byName = (a: NodeInfo, b: NodeInfo) => (a.name < b.name ? -1 : 1);

/** The script as a plugin. A dry run asks a world of its own and tells nobody, as `userPlugin` does it. */
const deciding =
  (name: string, program: UserProgram, tell: Tell): PluginFactory =>
  (_args, { dryRun }): Plugin => {
    let own: UserProgram | undefined;
    const asked = dryRun === true ? () => (own ??= program.fresh()) : () => program;
    const heard = dryRun === true ? () => undefined : tell;
    const ask = (pod: PodInfo, nodes: readonly NodeInfo[]): ScheduleAnswer => {
      const sorted = nodes.toSorted(byName);
      const placed = sorted.flatMap((node) => [...node.pods.values()].map((info) => viewOfPlaced(info, node.name)));
      try {
        const answer = asked().call(SCHEDULE, viewOfPod(pod), sorted.map(viewOfNode), placed);
        return scheduleAnswer(name, answer, (wanted) => nodes.some((node) => node.name === wanted));
      } catch (error) {
        return new Error(`${CALL} failed: ${messageOf(error)}`);
      }
    };
    return {
      name,
      decides: true,
      events: [{ event: { resource: 'Node', action: Action.All } }, { event: { resource: 'AssignedPod', action: Action.All } }],
      preFilter(_state, pod, nodes): PreFilterAnswer {
        const answer = ask(pod, nodes);
        if (answer instanceof Error) {
          heard(answer.message);
          return failed(name, `scheduler "${name}": ${answer.message}`);
        }
        heard();
        if ('refusal' in answer) return unschedulable(name, answer.refusal);
        return { nodeNames: new Set([answer.nodeName]), reasons: answer.reason === '' ? [] : [answer.reason] };
      },
    };
  };

/** What a scheduler of the script consists of: the order of the queue, gates, the script, binding. */
export function userSchedulerRegistry(name: string, program: UserProgram, tell: Tell): PluginRegistry {
  return {
    factories: {
      SchedulingGates: schedulingGates,
      PrioritySort: prioritySort,
      [name]: deciding(name, program, tell),
      DefaultBinder: defaultBinder,
    },
    defaults: [{ name: 'SchedulingGates' }, { name: 'PrioritySort' }, { name }, { name: 'DefaultBinder' }],
  };
}
