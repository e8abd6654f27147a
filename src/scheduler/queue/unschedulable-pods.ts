/**
 * Pods that wait for a change, indexed by the plugins that rejected them, so that an event looks only at pods it may help.
 */
import type { QueuedPodInfo } from '../framework/interface.ts';

/** Parked pods. */
export class UnschedulablePods {
  readonly #pods = new Map<string, QueuedPodInfo>();
  readonly #byPlugin = new Map<string, Set<QueuedPodInfo>>();

  get size(): number {
    return this.#pods.size;
  }

  get(uid: string): QueuedPodInfo | undefined {
    return this.#pods.get(uid);
  }

  /** All of them, gated ones included. */
  all(): QueuedPodInfo[] {
    return [...this.#pods.values()];
  }

  add(queued: QueuedPodInfo): void {
    this.#pods.set(queued.info.uid, queued);
    for (const plugin of queued.unschedulablePlugins) {
      const pods = this.#byPlugin.get(plugin);
      if (pods === undefined) this.#byPlugin.set(plugin, new Set([queued]));
      else pods.add(queued);
    }
  }

  delete(uid: string): void {
    const queued = this.#pods.get(uid);
    if (queued === undefined) return;
    this.#pods.delete(uid);
    for (const plugin of queued.unschedulablePlugins) this.#byPlugin.get(plugin)?.delete(queued);
  }

  /** The pods that any plugin has rejected for which `relevant` holds. */
  candidates(relevant: (plugin: string) => boolean): ReadonlySet<QueuedPodInfo> {
    const sets = [...this.#byPlugin].filter(([plugin, pods]) => pods.size > 0 && relevant(plugin)).map(([, pods]) => pods);
    const [only] = sets;
    if (sets.length === 1 && only !== undefined) return only;
    return new Set(sets.flatMap((pods) => [...pods]));
  }

  /** When the longest waiting pod came; pods that are gated do not count. Pods are parked in order of time. */
  oldestTimestamp(): number | undefined {
    for (const { timestamp, gatedBy } of this.#pods.values()) if (gatedBy === '') return timestamp;
    return undefined;
  }

  /** The pods parked before `time`, without the gated ones. */
  olderThan(time: number): QueuedPodInfo[] {
    return [...this.#pods.values()].filter(({ timestamp, gatedBy }) => timestamp < time && gatedBy === '');
  }
}
