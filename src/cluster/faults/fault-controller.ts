/**
 * Carries out Faults: what goes wrong on purpose. A Fault acts at `at` or from `from` to `to`, counted from the
 * scenario's start (its own creation when there is no scenario); deleting it ends what lasts.
 */
import { formatTime, parseGoDuration, parseTime } from '../../apimachinery/durations.ts';
import { StatusError } from '../../apimachinery/status.ts';
import { FaultResource } from '../../api/kubarium/fault.ts';
import type { Fault, FaultStatus } from '../../api/kubarium/fault.ts';
import { ScenarioResource } from '../../api/kubarium/scenario.ts';
import type { Client } from '../../client/client.ts';
import { InformerFactory } from '../../client/informer.ts';
import type { TaskScope } from '../../sim/task-scope.ts';
import type { Cluster } from '../cluster.ts';
import { beginFault } from './effects.ts';
import type { Effect } from './effects.ts';

/** Watches Faults and makes them happen. */
export class FaultController {
  readonly #scope: TaskScope;
  readonly #client: Client;
  readonly #cluster: Cluster;
  readonly #informers: InformerFactory;
  /** What lasts, by the Fault's uid. */
  readonly #active = new Map<string, Effect>();

  constructor(scope: TaskScope, client: Client, cluster: Cluster) {
    this.#scope = scope;
    this.#client = client;
    this.#cluster = cluster;
    this.#informers = new InformerFactory(scope, client);
    this.#informers.informer(FaultResource).addHandler({ add: (fault) => this.#plan(fault), delete: (fault) => this.#end(fault) });
    this.#informers.informer(ScenarioResource);
  }

  start(): void {
    this.#informers.start();
  }

  #plan(fault: Fault): void {
    if (fault.status?.phase === 'Done' || fault.status?.phase === 'Failed') return;
    const { at, from, to } = fault.spec;
    const [scenario] = this.#informers.informer(ScenarioResource).list();
    const zero = parseTime((scenario ?? fault).metadata.creationTimestamp);
    const wait = (after: string | undefined) => Math.max(0, zero + (after === undefined ? 0 : parseGoDuration(after)) - this.#scope.now);
    const object = `faults/${fault.metadata.name}`;
    this.#scope.after(wait(at ?? from), 'begin fault', object, () => this.#begin(fault));
    if (to !== undefined) this.#scope.after(wait(to), 'end fault', object, () => this.#end(fault));
  }

  #begin(fault: Fault): void {
    if (!this.#exists(fault)) return;
    const begun = formatTime(this.#scope.now);
    try {
      const effect = beginFault(fault.spec, this.#cluster);
      const lasts = effect.end !== undefined;
      if (lasts) this.#active.set(fault.metadata.uid, effect);
      this.#setStatus(fault, { phase: lasts ? 'Active' : 'Done', startTime: begun, affected: effect.affected, ...(!lasts && { endTime: begun }) });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.#setStatus(fault, { phase: 'Failed', message: error.message, startTime: begun });
    }
  }

  #end(fault: Fault): void {
    const effect = this.#active.get(fault.metadata.uid);
    this.#active.delete(fault.metadata.uid);
    effect?.end?.();
    if (effect !== undefined && this.#exists(fault)) this.#setStatus(fault, { phase: 'Done', endTime: formatTime(this.#scope.now) });
  }

  #exists({ metadata }: Fault): boolean {
    return this.#informers.informer(FaultResource).get(metadata.name)?.metadata.uid === metadata.uid;
  }

  #setStatus({ metadata }: Fault, status: FaultStatus): void {
    try {
      this.#client.patch(FaultResource, metadata, 'merge', { status }, { subresource: 'status' });
    } catch (error) {
      // The apiserver may be what the fault stopped, and the Fault may be gone; its effect holds all the same.
      if (!(error instanceof StatusError)) throw error;
    }
  }
}
