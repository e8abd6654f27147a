/**
 * The worker's one cluster and what is around it: pace, journal, sessions, notices. Everything that belongs to a
 * browser (IndexedDB, timers, ports) comes in through `HostEnvironment`, so that the same host runs in tests.
 */
import { Cluster } from '../cluster/cluster.ts';
import { stateHash } from '../cluster/state-hash.ts';
import type { SavedState } from '../cluster/restore.ts';
import { DEFAULT_SEED } from '../scenario/header.ts';
import { startOf } from '../scenario/layout.ts';
import { createdObjects } from './export.ts';
import { RunawayGuard } from './guard.ts';
import type { Load } from './guard.ts';
import type { SavedCluster } from './storage/journal-store.ts';
import { StorageKeeper } from './storage/keeper.ts';
import type { KeeperEnvironment } from './storage/keeper.ts';
import { damagedCopies, dropDamaged, readDamaged } from './storage/rescue.ts';
import { SchedulerPluginResource } from '../api/kubarium/scheduler-plugin.ts';
import { Pacer } from './pacer.ts';
import type { Host as PacerHost, Pace } from './pacer.ts';
import type { ClientFrame, ClockState, Controls, Notice, ScenarioBundle, ServerFrame } from './protocol.ts';
import { Session } from './session.ts';
import type { SessionHost } from './session.ts';
import { TaskRing } from './task-ring.ts';
import { auditPage, componentQueues, storeHistory, storeKeys, storeOverview, storeRevision } from './views.ts';

/** What the host is given by its surroundings. */
export interface HostEnvironment extends PacerHost, KeeperEnvironment {
  /** The default cluster as it is after its boot; absent where every cluster boots. */
  loadFirstCluster?(): Promise<SavedState>;
  /** Puts the simulated shell and the policy engine in place; both are loaded apart, for nothing of the system needs them. */
  loadExtras(): Promise<void>;
  /** Puts the interpreter of users' scheduler plugins in place; it is loaded when a cluster has one. */
  loadInterpreter?(): Promise<void>;
}

/** A connected tab. */
export interface Connection {
  receive(frame: ClientFrame): void;
  close(): void;
}

const CLOCK_NOTICE_MS = 100;
const BOOT_LIMIT_MS = 600_000;

/** Runs one cluster for all tabs. */
export class ClusterHost implements SessionHost {
  readonly #environment: HostEnvironment;
  readonly #extras: Promise<void>;
  #interpreter: Promise<void> | undefined;
  readonly #sessions = new Map<Session, (frame: ServerFrame) => void>();
  #cluster: Cluster | undefined;
  #pacer: Pacer | undefined;
  readonly #keeper: StorageKeeper;
  #guard: RunawayGuard | undefined;
  #tasks = new TaskRing();
  #ready: Notice | undefined;
  #noticePending = false;
  #ranAway = false;
  /** What tabs sent before there was a cluster: a tab that takes over sends its open watches at once. */
  #early: (() => void)[] = [];

  constructor(environment: HostEnvironment) {
    this.#environment = environment;
    this.#extras = environment.loadExtras();
    this.#keeper = new StorageKeeper(environment, () => this.#broadcast({ kind: 'storage', storage: this.#keeper.state }));
  }

  get cluster(): Cluster {
    if (this.#cluster === undefined) throw new Error('the cluster has not started yet');
    return this.#cluster;
  }

  /** Recovers the saved cluster, or starts a fresh one. */
  async start(): Promise<void> {
    const begin = this.#environment.now();
    const saved = await this.#keeper.open();
    const recovered = saved !== undefined && (await this.#recover(saved));
    if (!recovered) await this.#fresh({ objects: [], seed: 1 });
    await this.#announceReady(recovered, begin);
    for (const receive of this.#early.splice(0)) receive();
  }

  /** A tab attaches. */
  connect(send: (frame: ServerFrame) => void): Connection {
    const session = new Session(this, send);
    this.#sessions.set(session, send);
    if (this.#ready !== undefined)
      send({ type: 'notice', notice: { ...this.#ready, clock: this.#clock(), storage: this.#keeper.state } as Notice });
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
    this.#keeper.abandon();
  }

  /** Resolves when users may write objects of the resource. */
  async writable(resource: string): Promise<void> {
    await this.#extras;
    if (resource === SchedulerPluginResource.plural) await this.#interpreted();
  }

  /** Resolves when users' scheduler plugins can run, or cannot be had: the plugins then say so. */
  #interpreted(): Promise<void> {
    return (this.#interpreter ??= this.#environment.loadInterpreter?.().catch(() => undefined) ?? Promise.resolve());
  }

  durable(): Promise<void> {
    return this.#keeper.durable(this.cluster.etcd.revision);
  }

  wake(): void {
    this.#pacer?.wake();
    this.#progress();
  }

  async control<Name extends keyof Controls>(name: Name, params: Controls[Name]['params']): Promise<Controls[Name]['result']> {
    const controls: {
      [Key in keyof Controls]: (params: Controls[Key]['params']) => Controls[Key]['result'] | Promise<Controls[Key]['result']>;
    } = {
      setClock: (pace) => this.#setClock(pace),
      step: (how) => this.#step(how),
      runUntilIdle: ({ limitSeconds }) => this.#runUntilIdle(limitSeconds),
      hash: () => ({ hash: stateHash(this.cluster.etcd), revision: this.cluster.etcd.revision }),
      reset: ({ scenario }) => this.#reset(scenario ?? { objects: [], seed: 1 }),
      export: () => ({ objects: createdObjects(this.cluster), seed: Number(this.cluster.sim.seed) }),
      log: (which) => ({ text: this.cluster.log(which) }),
      recentTasks: ({ limit }) => this.#tasks.last(limit),
      erase: () => this.#erase(),
      saveAgain: () => this.#keeper.saveAgain(),
      damagedCopies: async () => ({ names: await damagedCopies() }),
      rescue: ({ copy }) => readDamaged(copy),
      dropDamaged: ({ copy }) => dropDamaged(copy).then(() => this.#keeper.measure()),
      audit: ({ after }) => auditPage(this.cluster, this.#tasks, after),
      queues: () => componentQueues(this.cluster),
      store: ({ changes }) => storeOverview(this.cluster, changes),
      storeKeys: (which) => storeKeys(this.cluster, which),
      storeRevision: ({ revision }) => storeRevision(this.cluster, revision),
      storeHistory: ({ key }) => storeHistory(this.cluster, key),
      packing: async (options) => (await import('../scheduler/experiments/packing.ts')).packingExperiment(options),
      crash: () => {
        this.#crashed(new Error('asked to crash'));
        throw new Error('crashed');
      },
    };
    return (await controls[name](params)) as Controls[Name]['result'];
  }

  /** False when what was saved makes no cluster: then it is set aside. */
  async #recover(saved: SavedCluster): Promise<boolean> {
    await this.#extras;
    try {
      const cluster = Cluster.restore({ seed: saved.meta.seed, layout: saved.meta.layout }, saved);
      this.#adopt(cluster, { paused: false, speed: 1 });
      if (cluster.apiServer.reader.list(SchedulerPluginResource).length > 0) await this.#interpreted();
      this.#keeper.continue({ meta: saved.meta, etcd: cluster.etcd, now: () => cluster.sim.now });
      cluster.startComponents();
      return true;
    } catch {
      await this.#keeper.setAside();
      return false;
    }
  }

  async #fresh(bundle: ScenarioBundle): Promise<void> {
    const { layout, pace, name } = startOf(bundle.objects);
    const shipped = await this.#shipped(bundle);
    // Only the shipped cluster gets along without them.
    if (shipped === undefined) await this.#extras;
    const cluster = shipped ? Cluster.restore({ seed: bundle.seed, layout }, shipped) : new Cluster({ seed: bundle.seed, layout });
    if (shipped) cluster.startComponents();
    else cluster.boot(BOOT_LIMIT_MS);
    if (bundle.objects.length > 0) cluster.applyAsUser(bundle.objects);
    this.#adopt(cluster, pace);
    const meta = { format: 1 as const, seed: cluster.sim.seed, scenario: name, layout };
    await this.#keeper.begin({ meta, etcd: cluster.etcd, now: () => cluster.sim.now });
  }

  /** The default cluster is always the same after its boot: it goes on from there. With a scenario or another seed, a cluster boots. */
  async #shipped({ objects, seed }: ScenarioBundle): Promise<SavedState | undefined> {
    if (objects.length > 0 || seed !== DEFAULT_SEED) return undefined;
    try {
      return await this.#environment.loadFirstCluster?.();
    } catch {
      // It could not be fetched: then this one boots too.
      return undefined;
    }
  }

  /** Makes `cluster` the one that runs. */
  #adopt(cluster: Cluster, pace: Pace): void {
    this.#pacer?.stop();
    this.#keeper.release();
    this.#cluster = cluster;
    this.#guard = new RunawayGuard(this.#load());
    this.#ranAway = false;
    this.#tasks = new TaskRing();
    cluster.sim.onTask = (task) => this.#tasks.add(task);
    this.#pacer = new Pacer(this.#environment, cluster.sim, pace, {
      onProgress: () => this.#progress(),
      onCrash: (error) => this.#crashed(error),
    });
    cluster.clock.attach({ state: () => this.#clock(), set: (next) => this.#setClock(next) });
  }

  async #announceReady(recovered: boolean, begin: number): Promise<void> {
    await this.#keeper.measure();
    const bootMs = this.#environment.now() - begin;
    this.#ready = { kind: 'ready', clock: this.#clock(), storage: this.#keeper.state, recovered, bootMs };
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
    if (this.#ranAway && pace.paused === false) {
      this.#ranAway = false;
      this.#guard?.allowMore(this.#load());
    }
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
      this.#check();
    });
  }

  #load(): Load {
    const { sim, etcd } = this.cluster;
    return { now: sim.now, revision: etcd.revision, tasks: sim.executed, objects: etcd.size };
  }

  /** Pauses a scenario that runs away; the user may let it go on. */
  #check(): void {
    if (this.#pacer?.pace.paused !== false) return;
    const runaway = this.#guard?.check(this.#load());
    if (runaway === undefined) return;
    this.#ranAway = true;
    this.#pacer.set({ paused: true });
    this.#broadcast({ kind: 'runaway', runaway: { ...runaway, busiest: this.#tasks.busiest() } });
    this.#broadcast({ kind: 'clock', clock: this.#clock() });
  }

  async #erase(): Promise<Controls['erase']['result']> {
    const databases = await this.#keeper.erase();
    this.#broadcast({ kind: 'erased' });
    return { databases };
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
