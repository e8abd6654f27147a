/**
 * Runs the schedulers that the user writes (SchedulerPlugins of mode Scheduler): one process each, with a name and rights of its own,
 * beside kube-scheduler. Each takes up the pods of its schedulerName and binds them through the API; without consent none runs, and pods
 * that name it wait.
 * Differs: users' own schedulers elect no leader, each runs once.
 */
import { schedulerNameOf } from '../api/kubarium/scheduler-plugin.ts';
import type { SchedulerPlugin } from '../api/kubarium/scheduler-plugin.ts';
import type { SchedulingDecision } from '../api/kubarium/scheduling-decision.ts';
import type { UserInfo } from '../api/request.ts';
import type { Client } from '../client/client.ts';
import type { Informer } from '../client/informer.ts';
import type { TaskScope } from '../sim/task-scope.ts';
import { reportPlugin } from './plugin-report.ts';
import type { Verdict } from './plugin-report.ts';
import { Scheduler } from './scheduler.ts';
import { messageOf, onUserPluginHost, OVERRUN, scriptOf, userPluginHost } from './user-plugin.ts';
import type { UserProgram } from './user-plugin.ts';
import { SCHEDULE, SCHEDULER_MEMORY, userSchedulerRegistry } from './user-scheduler.ts';

/** The group that schedulers of users are in; RBAC lets it do what kube-scheduler may. */
export const USER_SCHEDULERS_GROUP = 'kubarium:schedulers';

/** Who a scheduler of that schedulerName is. */
export const userSchedulerIdentity = (schedulerName: string): UserInfo => ({
  name: `kubarium:scheduler:${schedulerName}`,
  groups: [USER_SCHEDULERS_GROUP, 'system:authenticated'],
});

/** After so many calls in a row that used up their budget a scheduler is stopped until its object changes: each of them holds up the cluster. */
const MAX_OVERRUNS = 5;

/** One that runs, or ran until it was stopped. */
interface Running {
  readonly uid: string;
  readonly script: string;
  readonly schedulerName: string;
  readonly scope: TaskScope;
  readonly scheduler: Scheduler;
  failures: number;
  lastFailure: string;
  /** The last call failed. */
  failing: boolean;
  overruns: number;
  /** The generation of the object with which it was stopped. */
  stoppedAt?: number | undefined;
  posted: boolean;
}

/** What they need of the cluster. */
export interface UserSchedulersOptions {
  readonly scope: TaskScope;
  /** Reports on the objects. */
  readonly client: Client;
  readonly informer: Informer<SchedulerPlugin>;
  /** A connection as that user, under a user agent. */
  connect(user: UserInfo, userAgent: string): Client;
}

/** All of them. */
export class UserSchedulers {
  readonly #options: UserSchedulersOptions;
  /** By the name of the object. */
  readonly #running = new Map<string, Running>();

  constructor(options: UserSchedulersOptions) {
    this.#options = options;
    const { scope } = options;
    const stop = onUserPluginHost(() => scope.post('read schedulers', 'schedulerplugins', () => this.sync()));
    scope.onKill(stop);
  }

  /** Carries out what a dry run asks of one of them. Undefined when none of that schedulerName runs. */
  dryRun(decision: SchedulingDecision): SchedulingDecision | undefined {
    for (const { schedulerName, scheduler, scope } of this.#running.values()) {
      if (schedulerName === decision.spec.profile && scope.alive) return scheduler.dryRun(decision);
    }
    return undefined;
  }

  /** Makes those run that should, and no others. */
  sync(): void {
    const taken = new Set<string>();
    const names = new Set<string>();
    for (const plugin of this.#options.informer.list()) {
      const schedulerName = schedulerNameOf(plugin);
      if (schedulerName === undefined) continue;
      names.add(plugin.metadata.name);
      const verdict = this.#judge(plugin, schedulerName, taken);
      if (verdict.ready) taken.add(schedulerName);
      this.#report(plugin, verdict);
    }
    for (const name of [...this.#running.keys()]) if (!names.has(name)) this.#stop(name);
  }

  #judge(plugin: SchedulerPlugin, schedulerName: string, taken: ReadonlySet<string>): Verdict {
    const { name, uid, generation } = plugin.metadata;
    const known = this.#running.get(name);
    if (known?.stoppedAt !== undefined && known.stoppedAt === generation && known.uid === uid) {
      return { ready: false, reason: 'Stopped', message: `stopped after ${MAX_OVERRUNS} calls in a row: ${known.lastFailure}` };
    }
    const refuse = (reason: string, message: string): Verdict => {
      this.#stop(name);
      return { ready: false, reason, message };
    };
    const script = scriptOf(plugin);
    if (plugin.spec.approved !== true) return refuse('NotApproved', 'it runs only after you have agreed: set spec.approved');
    if (taken.has(schedulerName)) return refuse('NameTaken', `another SchedulerPlugin schedules the pods of ${schedulerName}`);
    if (script === undefined) return refuse('NotCompiled', 'spec.compiled is missing: TypeScript is compiled by the editor');
    const host = userPluginHost();
    if (host === undefined) return refuse('NoInterpreter', 'the interpreter has not been loaded');
    const same = known?.scope.alive === true && known.uid === uid && known.script === script && known.schedulerName === schedulerName;
    if (same) return known.failing ? { ready: true, reason: 'Failing', message: known.lastFailure } : SCHEDULES;
    this.#stop(name);
    try {
      const program = host.compile(script, { memory: SCHEDULER_MEMORY });
      if (program.functions.includes(SCHEDULE)) {
        this.#start(plugin, schedulerName, script, program);
        return SCHEDULES;
      }
      program.dispose();
      return refuse('NothingToRun', 'the script does not define schedule(pod, nodes, pods)');
    } catch (error) {
      return refuse('DoesNotCompile', messageOf(error));
    }
  }

  #start({ metadata: { name, uid } }: SchedulerPlugin, schedulerName: string, script: string, program: UserProgram): void {
    const { scope: parent, connect } = this.#options;
    const scope = parent.child(schedulerName);
    scope.onKill(() => program.dispose());
    const scheduler = new Scheduler({
      scope,
      client: connect(userSchedulerIdentity(schedulerName), schedulerName),
      config: { profiles: [{ schedulerName }] },
      registry: userSchedulerRegistry(name, program, (failure) => this.#told(name, failure)),
      alone: true,
    });
    const none = { failures: 0, lastFailure: '', failing: false, overruns: 0, posted: false };
    this.#running.set(name, { uid, script, schedulerName, scope, scheduler, ...none });
    scheduler.start();
  }

  #stop(name: string): void {
    this.#running.get(name)?.scope.kill();
    this.#running.delete(name);
  }

  /** After each call. What is news is reported, and done, in a task of its own: the call is still under way. */
  #told(name: string, failure: string | undefined): void {
    const running = this.#running.get(name);
    if (running === undefined) return;
    const news = running.failing !== (failure !== undefined) || (failure !== undefined && running.lastFailure !== failure);
    running.failing = failure !== undefined;
    running.overruns = failure?.includes(OVERRUN) === true ? running.overruns + 1 : 0;
    if (failure !== undefined) {
      running.failures++;
      running.lastFailure = failure;
    }
    if ((!news && running.overruns < MAX_OVERRUNS) || running.posted) return;
    running.posted = true;
    this.#options.scope.post('report scheduler', `schedulerplugins/${name}`, () => {
      running.posted = false;
      if (running.overruns >= MAX_OVERRUNS && this.#running.get(name) === running) {
        running.scope.kill();
        running.stoppedAt = this.#options.informer.get(name)?.metadata.generation;
      }
      this.sync();
    });
  }

  #report(plugin: SchedulerPlugin, verdict: Verdict): void {
    const running = this.#running.get(plugin.metadata.name);
    const { failures = 0, lastFailure = '' } = running ?? {};
    const extensionPoints = running?.scope.alive === true ? [SCHEDULE] : [];
    reportPlugin(this.#options.client, plugin, verdict, { extensionPoints, failures, lastFailure }, this.#options.scope.now);
  }
}

const SCHEDULES: Verdict = { ready: true, reason: 'Schedules', message: '' };
