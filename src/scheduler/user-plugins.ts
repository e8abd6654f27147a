/**
 * Follows SchedulerPlugins: reads the scripts of those that are approved, has them take part in the profiles, and says on each
 * object whether it does, and why not.
 */
import { SchedulerPluginResource, schedulerNameOf } from '../api/kubarium/scheduler-plugin.ts';
import type { SchedulerPlugin } from '../api/kubarium/scheduler-plugin.ts';
import type { Client } from '../client/client.ts';
import type { Informer, InformerFactory } from '../client/informer.ts';
import type { TaskScope } from '../sim/task-scope.ts';
import type { PluginRegistry } from './config.ts';
import { reportPlugin } from './plugin-report.ts';
import type { Verdict } from './plugin-report.ts';
import { onUserPluginHost, scriptOf, userPlugin, userPluginHost } from './user-plugin.ts';
import type { UserProgram } from './user-plugin.ts';

/**
 * After so many failures a plugin is stopped until its object changes: with it every pod would fail, for none of the other plugins can do
 * without its answer.
 */
const MAX_FAILURES = 5;

interface Loaded {
  readonly script: string;
  readonly program: UserProgram;
  failures: number;
  lastFailure: string;
}

/** The user's plugins of one scheduler. */
export class UserPlugins {
  readonly #scope: TaskScope;
  readonly #client: Client;
  readonly #base: PluginRegistry;
  readonly #informer: Informer<SchedulerPlugin>;
  readonly #loaded = new Map<string, Loaded>();
  /** Plugins that were stopped: name → generation of the object that failed. */
  readonly #stopped = new Map<string, { generation: number | undefined; failures: number; lastFailure: string }>();
  readonly #use: (registry: PluginRegistry) => void;
  #key = '';

  /** `use` takes the plugins to choose from whenever they change. */
  constructor(scope: TaskScope, client: Client, factory: InformerFactory, base: PluginRegistry, use: (registry: PluginRegistry) => void) {
    this.#scope = scope;
    this.#client = client;
    this.#base = base;
    this.#use = use;
    this.#informer = factory.informer(SchedulerPluginResource);
  }

  /** Follows the objects from now on. */
  start(): void {
    const look = () => this.#sync();
    this.#informer.addHandler({ add: look, update: look, delete: look });
    const stop = onUserPluginHost(() => {
      if (this.#informer.size > 0) this.#scope.post('read plugins', 'schedulerplugins', look);
    });
    this.#scope.onKill(() => {
      stop();
      for (const { program } of this.#loaded.values()) program.dispose();
    });
  }

  #sync(): void {
    const taking: { plugin: SchedulerPlugin; loaded: Loaded }[] = [];
    const names = new Set<string>();
    for (const plugin of this.#informer.list()) {
      // Schedulers run beside this one (user-schedulers.ts).
      if (schedulerNameOf(plugin) !== undefined) continue;
      names.add(plugin.metadata.name);
      const verdict = this.#load(plugin);
      const loaded = this.#loaded.get(plugin.metadata.name);
      if (verdict.ready && loaded !== undefined) taking.push({ plugin, loaded });
      this.#report(plugin, verdict);
    }
    for (const name of [...this.#loaded.keys()]) if (!names.has(name)) this.#unload(name);
    for (const name of [...this.#stopped.keys()]) if (!names.has(name)) this.#stopped.delete(name);
    const key = JSON.stringify(
      taking.map(({ plugin, loaded }) => [plugin.metadata.name, plugin.spec.weight, plugin.spec.profiles, loaded.script]),
    );
    if (key === this.#key) return;
    this.#key = key;
    this.#use(this.#registryWith(taking));
  }

  #registryWith(taking: readonly { plugin: SchedulerPlugin; loaded: Loaded }[]): PluginRegistry {
    const factories = { ...this.#base.factories };
    const defaults = [...this.#base.defaults];
    // Filters of users run after all others, so that they are asked about few nodes.
    for (const { plugin, loaded } of taking) {
      const { name, uid } = plugin.metadata;
      const { weight = 1, profiles } = plugin.spec;
      factories[name] = userPlugin(name, loaded.program, (message) => this.#failed(uid, name, message));
      defaults.push({ name, weight, ...(profiles && { profiles }) });
    }
    return { ...this.#base, factories, defaults };
  }

  #load(plugin: SchedulerPlugin): Verdict {
    const { name } = plugin.metadata;
    const script = scriptOf(plugin);
    if (plugin.spec.approved !== true) return this.#refuse(name, 'NotApproved', 'it runs only after you have agreed: set spec.approved');
    if (this.#base.factories[name] !== undefined) return this.#refuse(name, 'NameTaken', `the scheduler has a plugin ${name} of its own`);
    if (script === undefined) return this.#refuse(name, 'NotCompiled', 'spec.compiled is missing: TypeScript is compiled by the editor');
    const stopped = this.#stopped.get(name);
    if (stopped !== undefined) {
      if (stopped.generation === plugin.metadata.generation)
        return this.#refuse(
          name,
          'Stopped',
          `stopped after ${stopped.failures} failures, so that other pods go on: ${stopped.lastFailure}`,
        );
      this.#stopped.delete(name);
    }
    const host = userPluginHost();
    if (host === undefined) return this.#refuse(name, 'NoInterpreter', 'the interpreter has not been loaded');
    const known = this.#loaded.get(name);
    if (known?.script === script) return { ready: true, reason: 'TakesPart', message: '' };
    this.#unload(name);
    try {
      const program = host.compile(script);
      if (program.functions.every((point) => point === 'schedule')) {
        const whole = program.functions.length > 0 ? '; for schedule(pod, nodes, pods) set spec.mode: Scheduler' : '';
        program.dispose();
        return this.#refuse(name, 'NothingToRun', `the script defines neither filter(pod, node) nor score(pod, node)${whole}`);
      }
      this.#loaded.set(name, { script, program, failures: 0, lastFailure: '' });
      return { ready: true, reason: 'TakesPart', message: '' };
    } catch (error) {
      return this.#refuse(name, 'DoesNotCompile', error instanceof Error ? error.message : String(error));
    }
  }

  #refuse(name: string, reason: string, message: string): Verdict {
    this.#unload(name);
    return { ready: false, reason, message };
  }

  #unload(name: string): void {
    // A program that takes part until the profiles are made anew must not be called after its end: those come first.
    const loaded = this.#loaded.get(name);
    if (loaded === undefined) return;
    this.#loaded.delete(name);
    this.#scope.post('free plugin', `schedulerplugins/${name}`, () => loaded.program.dispose());
  }

  #failed(uid: string, name: string, message: string): void {
    const loaded = this.#loaded.get(name);
    if (loaded === undefined) return;
    const news = loaded.lastFailure !== message;
    loaded.failures++;
    loaded.lastFailure = message;
    if (!news && loaded.failures < MAX_FAILURES) return;
    this.#scope.post('report plugin', `schedulerplugins/${name}`, () => {
      const plugin = this.#informer.get(name);
      if (plugin?.metadata.uid !== uid) return;
      const { failures, lastFailure } = loaded;
      if (failures < MAX_FAILURES) return this.#report(plugin, { ready: true, reason: 'Failing', message });
      this.#stopped.set(name, { generation: plugin.metadata.generation, failures, lastFailure });
      this.#sync();
    });
  }

  #report(plugin: SchedulerPlugin, verdict: Verdict): void {
    const loaded = this.#loaded.get(plugin.metadata.name);
    const known = loaded ?? this.#stopped.get(plugin.metadata.name);
    const failing = verdict.reason === 'TakesPart' && loaded !== undefined && loaded.failures > 0;
    const told = failing ? { ready: true, reason: 'Failing', message: loaded.lastFailure } : verdict;
    const { failures = 0, lastFailure = '' } = known ?? {};
    reportPlugin(this.#client, plugin, told, { extensionPoints: pointsOf(loaded), failures, lastFailure }, this.#scope.now);
  }
}

/** Which of its functions are asked. */
const pointsOf = (loaded: Loaded | undefined) => loaded?.program.functions.filter((name) => name !== 'schedule') ?? [];
