/**
 * In which order a StatefulSet's pods come and go (`pkg/controller/statefulset/stateful_set_control.go` updateStatefulSet). Pure.
 */

/** What the order depends on, of one pod. */
export interface Replica {
  ordinal: number;
  /** Being deleted. */
  terminating: boolean;
  /** Failed or Succeeded. */
  ended: boolean;
  /** Running, ready, and for as long as minReadySeconds says. */
  available: boolean;
  /** Not of the newest revision. */
  outdated: boolean;
}

/** What the set wants. */
export interface Wanted {
  /** The first ordinal (`spec.ordinals.start`) and how many there are. */
  start: number;
  replicas: number;
  /** OrderedReady: one pod at a time, each waits for those before it. Otherwise Parallel. */
  ordered: boolean;
  /** Pods below this index keep the old revision; undefined: nothing is updated (OnDelete). */
  partition: number | undefined;
}

/** What is to be done now, by ordinal. `waiting`: the next step is due when some pod has changed. */
export interface Steps {
  create: number[];
  /** Ended pods, deleted so that they come again. */
  restart: number[];
  /** Pods beyond the wanted number. */
  remove: number[];
  /** Deleted so that they come again with the new revision. */
  update: number[];
  waiting: boolean;
}

const isHealthy = (replica: Replica | undefined): boolean =>
  replica !== undefined && replica.available && !replica.terminating && !replica.ended;

/** The next steps. Pods are created upwards, removed and updated downwards. */
export function nextSteps(wanted: Wanted, pods: readonly Replica[]): Steps {
  const steps: Steps = { create: [], restart: [], remove: [], update: [], waiting: false };
  const byOrdinal = new Map(pods.map((pod) => [pod.ordinal, pod]));
  const ordinals = Array.from({ length: wanted.replicas }, (_, index) => wanted.start + index);
  if (!keep(wanted, ordinals, byOrdinal, steps)) return steps;
  if (!removeSurplus(wanted, ordinals, pods, steps)) return steps;
  update(wanted, ordinals, byOrdinal, steps);
  return steps;
}

/** False when nothing further may be done now. */
function keep({ ordered }: Wanted, ordinals: readonly number[], byOrdinal: ReadonlyMap<number, Replica>, steps: Steps): boolean {
  for (const ordinal of ordinals) {
    const pod = byOrdinal.get(ordinal);
    if (isHealthy(pod)) continue;
    if (pod === undefined) steps.create.push(ordinal);
    else if (pod.ended && !pod.terminating) steps.restart.push(ordinal);
    else steps.waiting = true;
    if (ordered) return false;
  }
  return true;
}

function removeSurplus({ ordered }: Wanted, ordinals: readonly number[], pods: readonly Replica[], steps: Steps): boolean {
  const condemned = pods.filter(({ ordinal }) => !ordinals.includes(ordinal)).sort((a, b) => b.ordinal - a.ordinal);
  // While one of several is not healthy, only that one may go.
  const firstUnhealthy = condemned.findLast((pod) => !isHealthy(pod));
  for (const pod of condemned) {
    const mustWait = pod.terminating || (ordered && !isHealthy(pod) && pod !== firstUnhealthy);
    if (mustWait) steps.waiting = true;
    else steps.remove.push(pod.ordinal);
    if (ordered) return false;
  }
  return true;
}

function update({ start, partition }: Wanted, ordinals: readonly number[], byOrdinal: ReadonlyMap<number, Replica>, steps: Steps): void {
  if (partition === undefined) return;
  for (const ordinal of ordinals.toReversed()) {
    if (ordinal < start + partition) return;
    const pod = byOrdinal.get(ordinal);
    if (pod !== undefined && pod.outdated && !pod.terminating) {
      steps.update.push(ordinal);
      return;
    }
    if (!isHealthy(pod)) {
      steps.waiting = true;
      return;
    }
  }
}
