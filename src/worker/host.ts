/**
 * The worker's one cluster and what is around it: pace, journal, sessions, notices. Everything that belongs to a
 * browser (IndexedDB, timers, ports) comes in through `HostEnvironment`, so that the same host runs in tests.
 */
import { CLUSTER_ADMIN } from '../cluster/admin.ts';
import { Cluster } from '../cluster/cluster.ts';
import { stateHash } from '../cluster/state-hash.ts';
import { applyAll } from '../scenario/apply-all.ts';
import { startOf } from '../scenario/layout.ts';
import { createdObjects } from './export.ts';
import { Journal } from './storage/journal.ts';
import { DamagedStorageError } from './storage/journal-store.ts';
import type { JournalStore, SavedCluster } from './storage/journal-store.ts';
import { Pacer } from './pacer.ts';
import type { Host as PacerHost, Pace } from './pacer.ts';
import type { ClientFrame, ClockState, Controls, Notice, ScenarioBundle, ServerFrame, StorageState } from './protocol.ts';
import { Session, USER_AGENT } from './session.ts';
import type { SessionHost } from './session.ts';
import { TaskRing } from './task-ring.ts';

/** What the host is given by its surroundings. */
export interface HostEnvironment extends PacerHost {
  /** Opens the storage; rejects when there is none. `name` is undefined for the usual database. */
  openStore(name?: string): Promise<JournalStore>;
  /** Puts the simulated shell in place; it is loaded apart, for no system pod needs it. */
  loadShell(): Promise<void>;
  /** Storage in use and allowed, in bytes, where the browser tells. */
  estimate(): Promise<{ usage?: number; quota?: number }>;
  /** Revisions between snapshots; for tests. */
  snapshotEvery?: number;
}

/** A connected tab. */
export interface Connection {
  receive(frame: ClientFrame): void;
  close(): void;
}

const CLOCK_NOTICE_MS = 100;
/** Limits of UX section 6: more than this pauses the scenario. */
const MAX_OBJECTS = 60_000;
const BOOT_LIMIT_MS = 600_000;

/** Runs one cluster for all tabs. */
export class ClusterHost implements SessionHost {
  readonly #environment: HostEnvironment;
  readonly #shell: Promise<void>;
  readonly #sessions = new Map<Session, (frame: ServerFrame) => void>();
  #cluster: Cluster | undefined;
  #pacer: Pacer | undefined;
  #journal: Journal | undefined;
  #store: JournalStore | undefined;
  #tasks = new TaskRing();
  #storage: StorageState = { mode: 'memory', reason: 'unavailable', durableRevision: 0 };
  #ready: Notice | undefined;
  #noticePending = false;
  /** What tabs sent before there was a cluster: a tab that takes over sends its open watches at once. */
  #early: (() => void)[] = [];

  constructor(environment: HostEnvironment) {
    this.#environment = environment;
    this.#shell = environment.loadShell();
  }

  get cluster(): Cluster {
    if (this.#cluster === undefined) throw new Error('the cluster has not started yet');
    return this.#cluster;
  }

  /** Recovers the saved cluster, or starts a fresh one. */
  async start(): Promise<void> {
    const begin = this.#environment.now();
    const saved = await this.#openStorage();
    const recovered = saved !== undefined && (await this.#recover(saved));
    if (!recovered) await this.#fresh({ objects: [], seed: 1 });
    await this.#announceReady(recovered, begin);
    for (const receive of this.#early.splice(0)) receive();
  }

  /** A tab attaches. */
  connect(send: (frame: ServerFrame) => void): Connection {
    const session = new Session(this, send);
    this.#sessions.set(session, send);
    if (this.#ready !== undefined) send({ type: 'notice', notice: { ...this.#ready, clock: this.#clock(), storage: this.#storage } as Notice });
    return {
      receive: (frame) => {
        if (this.#ready === undefined) this.#early.push(() => session.receive(frame));
        else session.receive(frame);
      },
      close: () => {
        session.close();
        this.#sessions.delete(session);
      },
    };
  }

  /** Dies as a killed worker would: nothing is sent, run or written any more. What is on its way to disk may arrive or not. */
  kill(): void {
    this.#sessions.clear();
    this.#pacer?.stop();
    this.#journal?.abandon();
  }

  /** Resolves when users may create pods. */
  writable(): Promise<void> {
    return this.#shell;
  }

  durable(): Promise<void> {
    return this.#journal?.durable(this.cluster.etcd.revision) ?? Promise.resolve();
  }

  wake(): void {
    this.#pacer?.wake();
    this.#progress();
  }

  async control<Name extends keyof Controls>(name: Name, params: Controls[Name]['params']): Promise<Controls[Name]['result']> {
    const controls: { [Key in keyof Controls]: (params: Controls[Key]['params']) => Controls[Key]['result'] | Promise<Controls[Key]['result']> } = {
      setClock: (pace) => this.#setClock(pace),
      step: (how) => this.#step(how),
      runUntilIdle: ({ limitSeconds }) => this.#runUntilIdle(limitSeconds),
      hash: () => ({ hash: stateHash(this.cluster.etcd), revision: this.cluster.etcd.revision }),
      reset: ({ scenario }) => this.#reset(scenario ?? { objects: [], seed: 1 }),
      export: () => ({ objects: createdObjects(this.cluster), seed: Number(this.cluster.sim.seed) }),
      log: (which) => ({ text: this.cluster.log(which) }),
      recentTasks: ({ limit }) => this.#tasks.last(limit),
      crash: () => {
        this.#crashed(new Error('asked to crash'));
        throw new Error('crashed');
      },
    };
    return (await controls[name](params)) as Controls[Name]['result'];
  }

  async #openStorage(): Promise<SavedCluster | undefined> {
    try {
      this.#store = await this.#environment.openStore();
      this.#storage = { mode: 'durable', durableRevision: 0 };
      return await this.#store.load();
    } catch (error) {
      if (error instanceof DamagedStorageError) {
        await this.#setAside();
        return undefined;
      }
      this.#store = undefined;
      this.#storage = { mode: 'memory', reason: 'unavailable', durableRevision: 0 };
      return undefined;
    }
  }

  /** Keeps what cannot be read, for whoever can rescue it, and says so. */
  async #setAside(): Promise<void> {
    try {
      await this.#store?.setAside();
      this.#storage = { mode: 'durable', reason: 'damaged', durableRevision: 0 };
    } catch {
      // No room for a copy, or storage that refuses: then the damaged data stays where it is, and this cluster is not saved.
      this.#store = undefined;
      this.#storage = { mode: 'memory', reason: 'unavailable', durableRevision: 0 };
    }
  }

  /** False when what was saved makes no cluster: then it is set aside. */
  async #recover(saved: SavedCluster): Promise<boolean> {
    await this.#shell;
    try {
      const cluster = Cluster.restore({ seed: saved.meta.seed, layout: saved.meta.layout }, saved);
      this.#adopt(cluster, { paused: false, speed: 1 });
      this.#keepJournal();
      cluster.startComponents();
      return true;
    } catch {
      this.#journal?.close();
      await this.#setAside();
      return false;
    }
  }

  async #fresh(bundle: ScenarioBundle): Promise<void> {
    const { layout, pace, name } = startOf(bundle.objects);
    const cluster = new Cluster({ seed: bundle.seed, layout });
    cluster.boot(BOOT_LIMIT_MS);
    if (bundle.objects.length > 0) await this.#shell;
    applyAll(bundle.objects, (request) =>
      cluster.sim.perform(USER_AGENT, request.verb, `${request.resource}/${request.name ?? ''}`, () =>
        cluster.apiServer.request({ ...request, user: CLUSTER_ADMIN, userAgent: USER_AGENT }),
      ),
    );
    this.#adopt(cluster, pace);
    if (this.#store === undefined) return;
    try {
      await this.#store.begin({ format: 1, seed: cluster.sim.seed, scenario: name, layout });
      this.#keepJournal();
      await this.#journal?.snapshot();
    } catch {
      this.#stopSaving('unavailable');
    }
  }

  /** Makes `cluster` the one that runs. */
  #adopt(cluster: Cluster, pace: Pace): void {
    this.#pacer?.stop();
    this.#journal?.close();
    this.#journal = undefined;
    this.#cluster = cluster;
    this.#tasks = new TaskRing();
    cluster.sim.onTask = (task) => this.#tasks.add(task);
    this.#pacer = new Pacer(this.#environment, cluster.sim, pace, {
      onProgress: () => this.#progress(),
      onCrash: (error) => this.#crashed(error),
    });
    cluster.clock.attach({ state: () => this.#clock(), set: (next) => this.#setClock(next) });
  }

  #keepJournal(): void {
    if (this.#store === undefined) return;
    const { etcd, sim } = this.cluster;
    this.#journal = new Journal({
      etcd,
      store: this.#store,
      now: () => sim.now,
      snapshotEvery: this.#environment.snapshotEvery,
      onFailure: (why) => this.#stopSaving(why),
      onDurable: (durableRevision) => (this.#storage = { ...this.#storage, durableRevision }),
    });
  }

  #stopSaving(reason: 'quota' | 'unavailable'): void {
    this.#journal = undefined;
    this.#storage = { mode: 'memory', reason, durableRevision: this.#storage.durableRevision };
    this.#broadcast({ kind: 'storage', storage: this.#storage });
  }

  async #announceReady(recovered: boolean, begin: number): Promise<void> {
    const { usage, quota } = await this.#environment.estimate();
    this.#storage = { ...this.#storage, usedBytes: usage, quotaBytes: quota };
    const bootMs = this.#environment.now() - begin;
    this.#ready = { kind: 'ready', clock: this.#clock(), storage: this.#storage, recovered, bootMs };
    this.#broadcast(this.#ready);
  }

  async #reset(bundle: ScenarioBundle): Promise<ClockState> {
    const begin = this.#environment.now();
    await this.#fresh(bundle);
    for (const session of this.#sessions.keys()) session.reset();
    await this.#announceReady(false, begin);
    return this.#clock();
  }

  #setClock(pace: Partial<Pace>): ClockState {
    this.#pacer?.set(pace);
    this.#progress();
    return this.#clock();
  }

  #step({ count = 1, revision }: Controls['step']['params']): Controls['step']['result'] {
    const { sim, etcd } = this.cluster;
    const before = etcd.revision;
    const firstTask = sim.executed;
    for (let steps = 0; steps < (revision ? 100_000 : count); steps++) {
      if (sim.step() === undefined || (revision && etcd.revision > before)) break;
    }
    this.#pacer?.set({});
    this.#progress();
    return { clock: this.#clock(), tasks: this.#tasks.last(sim.executed - firstTask) };
  }

  #runUntilIdle(limitSeconds: number): ClockState {
    this.cluster.sim.runUntilIdle(limitSeconds * 1000);
    this.#pacer?.set({});
    this.#progress();
    return this.#clock();
  }

  #clock(): ClockState {
    const { sim, etcd } = this.cluster;
    const pace = this.#pacer?.pace ?? { paused: true, speed: 1 };
    return { ...pace, now: sim.now, revision: etcd.revision, tasks: sim.executed, idle: sim.isIdle };
  }

  /** Sends what has gathered; notices about time at most ten times a second. */
  #progress(): void {
    for (const session of this.#sessions.keys()) session.flush();
    if (this.#noticePending) return;
    this.#noticePending = true;
    this.#environment.later(CLOCK_NOTICE_MS, () => {
      this.#noticePending = false;
      if (this.#cluster === undefined) return;
      for (const session of this.#sessions.keys()) session.flush();
      this.#broadcast({ kind: 'clock', clock: this.#clock() });
      this.#guard();
    });
  }

  #guard(): void {
    if (this.#pacer?.pace.paused !== false || this.cluster.etcd.size <= MAX_OBJECTS) return;
    this.#pacer.set({ paused: true });
    this.#broadcast({ kind: 'runaway', reason: `more than ${MAX_OBJECTS} objects` });
  }

  #crashed(error: unknown): void {
    this.#pacer?.stop();
    const { sim, etcd } = this.cluster;
    const message = error instanceof Error ? error.message : String(error);
    this.#broadcast({ kind: 'crashed', message, revision: etcd.revision, seed: sim.seed });
  }

  #broadcast(notice: Notice): void {
    for (const send of this.#sessions.values()) send({ type: 'notice', notice });
  }
}

