/**
 * Carries out Faults: what goes wrong on purpose. A Fault acts at `at` or from `from` to `to`, counted from the
 * scenario's start (its own creation when there is no scenario); deleting it ends what lasts.
 */
import { formatTime, parseGoDuration, parseTime } from '../../apimachinery/durations.ts';
import { hasReason, StatusError } from '../../apimachinery/status.ts';
import { FaultResource } from '../../api/kubarium/fault.ts';
import type { Fault, FaultStatus } from '../../api/kubarium/fault.ts';
import { ScenarioResource } from '../../api/kubarium/scenario.ts';
import type { Client } from '../../client/client.ts';
import { InformerFactory } from '../../client/informer.ts';
import type { TaskScope } from '../../sim/task-scope.ts';
import type { Cluster } from '../cluster.ts';
import { userWorld } from '../late-parts.ts';
import type { Effect } from './effect.ts';

/** A status that could not be written is tried again after this, ms. */
const RETRY_MS = 1000;

/** Watches Faults and makes them happen. */
export class FaultController {
  readonly #scope: TaskScope;
  readonly #client: Client;
  readonly #cluster: Cluster;
  readonly #informers: InformerFactory;
  /** What lasts, by the Fault's uid. */
  readonly #active = new Map<string, { fault: Fault; effect: Effect }>();
  /** Statuses that could not be written yet, by the Fault's uid. */
  readonly #unwritten = new Map<string, FaultStatus>();

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
      const effect = userWorld.get().beginFault(fault.spec, this.#cluster);
      const lasts = effect.end !== undefined;
      if (lasts) this.#active.set(fault.metadata.uid, { fault, effect });
      this.#setStatus(fault, {
        phase: lasts ? 'Active' : 'Done',
        startTime: begun,
        affected: effect.affected,
        ...(!lasts && { endTime: begun }),
      });
      if (fault.spec.kind === 'NodeUp') this.#endRepaired();
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      this.#setStatus(fault, { phase: 'Failed', message: error.message, startTime: begun });
    }
  }

  /** A NodeDown whose nodes all run again is over: it must not strike once more after a reload. */
  #endRepaired(): void {
    const isUp = (name: string) => this.#cluster.nodes.get(name.replace('node/', ''))?.machine.powered ?? true;
    for (const { fault, effect } of [...this.#active.values()]) {
      if (fault.spec.kind === 'NodeDown' && effect.affected.every(isUp)) this.#end(fault);
    }
  }

  #end(fault: Fault): void {
    const active = this.#active.get(fault.metadata.uid);
    this.#active.delete(fault.metadata.uid);
    active?.effect.end?.();
    if (active !== undefined && this.#exists(fault)) this.#setStatus(fault, { phase: 'Done', endTime: formatTime(this.#scope.now) });
  }

  #exists({ metadata }: Fault): boolean {
    return this.#informers.informer(FaultResource).get(metadata.name)?.metadata.uid === metadata.uid;
  }

  #setStatus({ metadata }: Fault, next: FaultStatus): void {
    const unwritten = this.#unwritten.get(metadata.uid);
    const status = { ...unwritten, ...next };
    try {
      this.#client.patch(FaultResource, metadata, 'merge', { status }, { subresource: 'status' });
      this.#unwritten.delete(metadata.uid);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      if (hasReason(error, 'NotFound')) return;
      // The apiserver may be what the fault stopped.
      this.#unwritten.set(metadata.uid, status);
      if (unwritten === undefined) this.#writeLater(metadata);
    }
  }

  #writeLater(metadata: Fault['metadata']): void {
    const write = () => {
      const status = this.#unwritten.get(metadata.uid);
      this.#unwritten.delete(metadata.uid);
      if (status !== undefined) this.#setStatus({ metadata } as Fault, status);
    };
    this.#scope.after(RETRY_MS, 'write status', `faults/${metadata.name}`, write, { background: true });
  }
}
