/**
 * Avoids to put a pod onto a machine where it, or one of the same controller, has failed before: Borg avoids "repeating
 * task::machine pairings that cause task or machine crashes". Score: 0 for such a pair, 100 otherwise.
 */
import type { Pod } from '../../api/generated/types.ts';
import { controllerOf } from '../../apimachinery/meta.ts';
import type { Informers, PluginFactory } from '../framework/interface.ts';
import { MAX_NODE_SCORE } from '../framework/interface.ts';

export const FAILED_PAIRS = 'BorgAvoidFailedPairs';
/** As many pairs are remembered; the oldest are forgotten. */
const MAX_PAIRS = 10_000;

const ownerOf = (pod: Pod): string => controllerOf(pod)?.uid ?? pod.metadata.uid;

const hasFailed = ({ status }: Pod): boolean =>
  status?.phase === 'Failed' ||
  (status?.containerStatuses ?? []).some(({ lastState, state }) => ((lastState?.terminated ?? state?.terminated)?.exitCode ?? 0) > 0);

/** Owner and node, per informer: a scheduler has one memory, whatever its profiles. */
const memories = new WeakMap<Informers['pods'], Set<string>>();

function memoryOf(pods: Informers['pods']): Set<string> {
  let memory = memories.get(pods);
  if (memory !== undefined) return memory;
  memories.set(pods, (memory = new Set()));
  const pairs = memory;
  const look = (pod: Pod) => {
    if (!pod.spec.nodeName || !hasFailed(pod)) return;
    pairs.add(`${ownerOf(pod)}/${pod.spec.nodeName}`);
    const [oldest] = pairs;
    if (pairs.size > MAX_PAIRS && oldest !== undefined) pairs.delete(oldest);
  };
  pods.addHandler({ add: look, update: look });
  return pairs;
}

/** Makes the plugin. */
export const avoidFailedPairs: PluginFactory = (_args, { informers }) => {
  const pairs = memoryOf(informers.pods);
  return {
    name: FAILED_PAIRS,
    score: (_state, { pod }, { name }) => (pairs.has(`${ownerOf(pod)}/${name}`) ? 0 : MAX_NODE_SCORE),
  };
};
