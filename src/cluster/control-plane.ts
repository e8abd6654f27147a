/** The control plane's processes: controller manager and scheduler, each with its own identity and life. */
import type { UserInfo } from '../api/request.ts';
import { LocalPathProvisioner } from '../addons/local-path-provisioner/local-path-provisioner.ts';
import type { ApiServer } from '../apiserver/server.ts';
import { Client } from '../client/client.ts';
import { ControllerManager } from '../controller-manager/controller-manager.ts';
import type { PodMetricsSource } from '../controller-manager/horizontal-pod-autoscaler/metrics.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import type { Simulation } from '../sim/simulation.ts';
import { TaskScope } from '../sim/task-scope.ts';

/** Names that a `ComponentStopped` fault may use for this class's processes. */
export const CONTROL_PLANE_COMPONENTS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;

/** Starts and stops the control plane. */
export class ControlPlane {
  readonly #sim: Simulation;
  readonly #apiServer: ApiServer;
  readonly #metrics: PodMetricsSource | undefined;
  readonly #scopes = new Map<string, TaskScope>();
  controllerManager: ControllerManager | undefined;
  scheduler: Scheduler | undefined;

  constructor(sim: Simulation, apiServer: ApiServer, metrics?: PodMetricsSource) {
    this.#metrics = metrics;
    this.#sim = sim;
    this.#apiServer = apiServer;
  }

  /** Starts everything. */
  start(): void {
    this.startComponent('kube-controller-manager');
    this.startComponent('kube-scheduler');
    this.startComponent('local-path-provisioner');
  }

  /** Starts one process, unless it runs. Returns false for a name that is none of ours. */
  startComponent(name: string): boolean {
    if (name === 'kube-apiserver') {
      this.#apiServer.start();
      return true;
    }
    if (this.#scopes.get(name)?.alive) return true;
    const scope = new TaskScope(this.#sim, name);
    if (name === 'kube-controller-manager') {
      this.controllerManager = new ControllerManager(scope, this.#apiServer, { metrics: this.#metrics });
    } else if (name === 'kube-scheduler') {
      const user = { name: 'system:kube-scheduler', groups: ['system:authenticated'] };
      this.scheduler = new Scheduler({ scope, client: new Client(this.#apiServer, user, name) });
      this.scheduler.start();
    } else if (name === 'local-path-provisioner') {
      const user = serviceAccount('local-path-storage', 'local-path-provisioner-service-account');
      new LocalPathProvisioner(scope, new Client(this.#apiServer, user, name)).start();
    } else return false;
    this.#scopes.set(name, scope);
    return true;
  }

  /** Kills one process. Returns false for a name that is none of ours. */
  stopComponent(name: string): boolean {
    if (name === 'kube-apiserver') {
      this.#apiServer.stop();
      return true;
    }
    const scope = this.#scopes.get(name);
    scope?.kill();
    return scope !== undefined;
  }
}

function serviceAccount(namespace: string, name: string): UserInfo {
  return { name: `system:serviceaccount:${namespace}:${name}`, groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'] };
}
