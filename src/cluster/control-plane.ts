/**
 * The control plane's processes: controller manager and scheduler, each with its own identity and life. Both act only
 * while they hold their Lease in kube-system, as in a cluster with several control-plane nodes.
 * Differs: a process that loses its Lease begins anew at once; the kubelet would restart its container with back-off.
 */
import { LocalPathProvisioner } from '../addons/local-path-provisioner/local-path-provisioner.ts';
import { LeaseResource } from '../api/coordination/lease.ts';
import type { CloudProvider } from '../api/kubarium/scenario.ts';
import type { ApiServer } from '../apiserver/server.ts';
import { ConfigMapResource } from '../api/core/config-map.ts';
import { Client } from '../client/client.ts';
import type { CertificateAuthority } from '../pki/authority.ts';
import { EventRecorder } from '../client/event-recorder.ts';
import { LeaderElector } from '../client/leader-election.ts';
import { CONTROLLER_NAMES, ControllerManager } from '../controller-manager/controller-manager.ts';
import type { PodMetricsSource } from '../controller-manager/horizontal-pod-autoscaler/metrics.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import type { Simulation } from '../sim/simulation.ts';
import { TaskScope } from '../sim/task-scope.ts';
import { certificates } from './late-parts.ts';
import { CONTROLLER_MANAGER, SCHEDULER, serviceAccountUser } from './identities.ts';

/** Names that a `ComponentStopped` fault may use for this class's processes. */
export const CONTROL_PLANE_COMPONENTS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;

/** The machine that the processes run on. */
const HOST = 'control-plane';

/** Starts and stops the control plane. */
export class ControlPlane {
  readonly #sim: Simulation;
  readonly #apiServer: ApiServer;
  readonly #metrics: PodMetricsSource | undefined;
  readonly #cloudProvider: CloudProvider;
  readonly #scopes = new Map<string, TaskScope>();
  /** How often each process has been started, for identities that differ. */
  readonly #starts = new Map<string, number>();
  #publishedBundle: string | undefined;
  controllerManager: ControllerManager | undefined;
  /** The scheduler that leads; undefined while none does. */
  scheduler: Scheduler | undefined;

  constructor(sim: Simulation, apiServer: ApiServer, metrics?: PodMetricsSource, cloudProvider: CloudProvider = 'none') {
    this.#metrics = metrics;
    this.#cloudProvider = cloudProvider;
    this.#sim = sim;
    this.#apiServer = apiServer;
  }

  /** Starts everything. `restored`: the processes are those that held the Leases when the cluster was saved. */
  start(restored = false): void {
    this.startComponent('kube-controller-manager', restored);
    this.startComponent('kube-scheduler', restored);
    this.startComponent('local-path-provisioner');
  }

  /** Starts one process, or one controller of the controller manager, unless it runs. Returns false for a name that is none of ours. */
  startComponent(name: string, restored = false): boolean {
    if (name === 'kube-apiserver') {
      this.#apiServer.start();
      return true;
    }
    if (CONTROLLER_NAMES.includes(name)) {
      this.controllerManager?.startController(name);
      return true;
    }
    if (this.#scopes.get(name)?.alive) return true;
    const scope = new TaskScope(this.#sim, name);
    if (name === 'kube-controller-manager') {
      this.#elect(scope, restored, (process) => {
        this.controllerManager = new ControllerManager(process, this.#apiServer, {
          metrics: this.#metrics,
          cloudProvider: this.#cloudProvider,
          caBundle: () => this.#caBundle(),
          authority: () => this.#authority(),
          resources: () => this.#apiServer.storedResources(),
        });
      });
    } else if (name === 'kube-scheduler') {
      this.#elect(scope, restored, (process, client) => {
        const scheduler = new Scheduler({ scope: process, client });
        this.scheduler = scheduler;
        process.onKill(() => {
          if (this.scheduler === scheduler) this.scheduler = undefined;
        });
        scheduler.start();
      });
    } else if (name === 'local-path-provisioner') {
      const user = serviceAccountUser('local-path-storage', 'local-path-provisioner-service-account');
      new LocalPathProvisioner(scope, new Client(this.#apiServer, user, name)).start();
    } else return false;
    this.#scopes.set(name, scope);
    return true;
  }

  #authority(): CertificateAuthority {
    return certificates.get().authorityOf(this.#sim, this.#apiServer.reader);
  }

  /** A cluster that was restored has published it: nothing has to be computed before the first screen. */
  #caBundle(): string {
    const published = () => this.#apiServer.reader.get(ConfigMapResource, 'kube-system', 'kube-root-ca.crt')?.data?.['ca.crt'];
    return (this.#publishedBundle ??= published() ?? this.#authority().certificate);
  }

  /** Runs `lead` in a process of its own once this candidate is the leader. */
  #elect(scope: TaskScope, restored: boolean, lead: (process: TaskScope, client: Client) => void): void {
    const { component } = scope;
    const client = new Client(this.#apiServer, component === 'kube-scheduler' ? SCHEDULER : CONTROLLER_MANAGER, component);
    const lock = { namespace: 'kube-system', name: component };
    const starts = (this.#starts.get(component) ?? 0) + 1;
    this.#starts.set(component, starts);
    const holder = restored ? client.find(LeaseResource, lock)?.spec?.holderIdentity : undefined;
    const process = scope.child();
    new LeaderElector({
      scope,
      client,
      recorder: new EventRecorder(scope, client, { component }),
      lock,
      identity: holder ?? `${HOST}_${scope.random.fork(`leader-election/${starts}`).uuid()}`,
      // A reload is not a restart (docs/decisions/0004).
      announce: holder === undefined,
      onStartedLeading: () => lead(process, client),
      onStoppedLeading: () => {
        process.kill();
        this.#elect(scope, false, lead);
      },
    }).start();
  }

  /** Kills one process, or one controller (as `--controllers=-name` leaves it out until the manager starts anew). Returns false for a name that is none of ours. */
  stopComponent(name: string): boolean {
    if (name === 'kube-apiserver') {
      this.#apiServer.stop();
      return true;
    }
    if (CONTROLLER_NAMES.includes(name)) {
      this.controllerManager?.stopController(name);
      return true;
    }
    const scope = this.#scopes.get(name);
    scope?.kill();
    return scope !== undefined;
  }
}
