/**
 * The service controller of a cloud (`k8s.io/cloud-provider/controllers/service/controller.go`): gives Services of
 * type LoadBalancer a load balancer, with the finalizer that keeps the Service until it is gone again. Runs only with
 * a cloud (`--cloud-provider`); without one such Services stay at <pending>, as on bare machines.
 */
// Differs: the cloud is simulated: a load balancer takes three seconds to build, has an address of 203.0.113.0/24, and sends traffic to node ports as kube-proxy lays them out.
import { NodeResource } from '../../api/core/node.ts';
import { ServiceResource } from '../../api/core/service.ts';
import type { Node, Service } from '../../api/generated/types.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import { keyOf } from '../../apimachinery/meta.ts';
import { hasReason } from '../../apimachinery/status.ts';
import { requeueAfter, startController } from '../../client/controller.ts';
import type { Controller, Requeue } from '../../client/controller.ts';
import type { Informer } from '../../client/informer.ts';
import type { ControllerDeps } from '../deps.ts';
import { addressOf, chooseAddress, PoolError } from './address-pool.ts';
import { changeOf, hasFinalizer, isBackend, LOAD_BALANCER_CLEANUP, needsCleanup, wantsLoadBalancer } from './changes.ts';

/** What the cloud takes to build a load balancer. */
const BUILD_MS = 3000;
const RETRY_FIRST_MS = 5000;
const RETRY_MAX_MS = 300_000;
/** The one key of the queue of node changes. */
const NODES = 'nodes';

/** A load balancer of the cloud. */
interface LoadBalancer {
  readonly ip: string;
  /** When it is built, virtual ms. */
  readonly readyAt: number;
}

/** Starts the controller. */
export function startServiceLbController(deps: ControllerDeps): void {
  new ServiceLbController(deps);
}

class ServiceLbController {
  readonly #deps: ControllerDeps;
  readonly #services: Informer<Service>;
  readonly #nodes: Informer<Node>;
  /** The cloud's memory; after a restart it is read from the Services' statuses. */
  readonly #built = new Map<string, LoadBalancer>();
  /** Keys of those that are being built or changed. */
  readonly #building = new Set<string>();
  readonly #failures = new Map<string, number>();
  #backends: string[] | undefined;
  readonly #controller: Controller;
  readonly #nodeController: Controller;

  constructor(deps: ControllerDeps) {
    this.#deps = deps;
    this.#services = deps.informers.informer(ServiceResource);
    this.#nodes = deps.informers.informer(NodeResource);
    const caches = [this.#services, this.#nodes];
    this.#controller = startController(deps.scope, 'services', (key) => this.#reconcile(key), caches);
    this.#nodeController = startController(deps.scope, 'nodes', () => this.#syncNodes(), caches);
    this.#watch();
  }

  #watch(): void {
    const enqueue = (service: Service) => {
      if (wantsLoadBalancer(service) || needsCleanup(service)) this.#controller.enqueue(keyOf(service));
    };
    this.#services.addHandler(
      {
        add: enqueue,
        update: (next, old) => {
          const change = changeOf(old, next);
          if (change === undefined && !needsCleanup(next)) return;
          if (change !== undefined && change !== 'silent') this.#deps.recorder.event(next, 'Normal', change.reason, change.message);
          this.#controller.enqueue(keyOf(next));
        },
        delete: (service) => this.#controller.enqueue(keyOf(service)),
      },
      this.#deps.scope,
    );
    const changed = () => this.#nodeController.enqueue(NODES);
    const update = (next: Node, old: Node) => {
      if (isBackend(next) !== isBackend(old)) changed();
    };
    this.#nodes.addHandler({ add: changed, update, delete: changed }, this.#deps.scope);
  }

  #reconcile(key: string): Requeue | undefined {
    const service = this.#services.get(key);
    if (service === undefined) {
      this.#forget(key);
      return undefined;
    }
    if (!wantsLoadBalancer(service) || needsCleanup(service)) return hasFinalizer(service) ? this.#remove(key, service) : undefined;
    return this.#ensure(key, service);
  }

  #forget(key: string): void {
    this.#built.delete(key);
    this.#building.delete(key);
    this.#failures.delete(key);
  }

  #ensure(key: string, service: Service): Requeue | undefined {
    if (!this.#building.has(key)) {
      this.#deps.recorder.event(service, 'Normal', 'EnsuringLoadBalancer', 'Ensuring load balancer');
      if (!hasFinalizer(service)) this.#setFinalizers(service, [...(service.metadata.finalizers ?? []), LOAD_BALANCER_CLEANUP]);
      const refused = this.#order(key, service);
      if (refused !== undefined) return refused;
      this.#building.add(key);
    }
    const readyInMs = (this.#built.get(key)?.readyAt ?? 0) - this.#deps.scope.now;
    if (readyInMs > 0) return requeueAfter(readyInMs);
    this.#building.delete(key);
    return this.#finish(key, service);
  }

  /** Orders a load balancer, unless there is one with the right address. When the cloud refuses: when to try again. */
  #order(key: string, service: Service): Requeue | undefined {
    const { now } = this.#deps.scope;
    const wanted = service.spec.loadBalancerIP ?? '';
    const present = this.#built.get(key)?.ip ?? addressOf(service);
    let balancer: LoadBalancer;
    if (present !== undefined && (wanted === '' || wanted === present)) balancer = { ip: present, readyAt: now };
    else {
      const taken = new Set([...this.#built].filter(([other]) => other !== key).map(([, { ip }]) => ip));
      for (const other of this.#services.list()) if (other !== service) taken.add(addressOf(other) ?? '');
      try {
        balancer = { ip: chooseAddress(service, taken), readyAt: now + BUILD_MS };
      } catch (error) {
        if (!(error instanceof PoolError)) throw error;
        return this.#failed(key, service, `failed to ensure load balancer: ${error.message}`);
      }
    }
    this.#built.set(key, balancer);
    this.#failures.delete(key);
    return undefined;
  }

  /** Tells, and tries again after 5 s, 10 s, ... at most 5 min. */
  #failed(key: string, service: Service, message: string): Requeue {
    const count = this.#failures.get(key) ?? 0;
    this.#failures.set(key, count + 1);
    this.#deps.recorder.event(service, 'Warning', 'SyncLoadBalancerFailed', `Error syncing load balancer: ${message}`);
    return requeueAfter(Math.min(RETRY_FIRST_MS * 2 ** count, RETRY_MAX_MS), { background: true });
  }

  /** It stands: the status gets its address. */
  #finish(key: string, service: Service): undefined {
    const balancer = this.#built.get(key);
    if (balancer === undefined) return undefined;
    if (this.#currentBackends().length === 0)
      this.#deps.recorder.event(service, 'Warning', 'UnAvailableLoadBalancer', 'There are no available nodes for LoadBalancer');
    this.#deps.recorder.event(service, 'Normal', 'EnsuredLoadBalancer', 'Ensured load balancer');
    const ports = service.spec.ports?.map(({ port, protocol = 'TCP' }) => ({ port, protocol }));
    const { ingress } = service.status?.loadBalancer ?? {};
    const next = [{ ip: balancer.ip, ipMode: 'VIP', ...(ingress?.[0]?.ports && ports && { ports }) }];
    if (!deepEqual(ingress, next)) this.#patchStatus(service, { ingress: next });
    return undefined;
  }

  #remove(key: string, service: Service): undefined {
    if (this.#built.has(key) || addressOf(service) !== undefined)
      this.#deps.recorder.event(service, 'Normal', 'DeletingLoadBalancer', 'Deleting load balancer');
    this.#forget(key);
    const rest = (service.metadata.finalizers ?? []).filter((finalizer) => finalizer !== LOAD_BALANCER_CLEANUP);
    if (service.metadata.deletionTimestamp === undefined && addressOf(service) !== undefined) this.#patchStatus(service, {});
    this.#setFinalizers(service, rest);
    this.#deps.recorder.event(service, 'Normal', 'DeletedLoadBalancer', 'Deleted load balancer');
    return undefined;
  }

  #setFinalizers(service: Service, finalizers: readonly string[]): void {
    this.#patch(service, { metadata: { finalizers } });
  }

  #patchStatus(service: Service, loadBalancer: object): void {
    this.#patch(service, { status: { loadBalancer: 'ingress' in loadBalancer ? loadBalancer : null } });
  }

  /** Through the subresource "status", which lets metadata pass; a Service that has just gone is none of our business. */
  #patch(service: Service, body: object): void {
    try {
      this.#deps.client.patch(ServiceResource, service.metadata, 'merge', body, { subresource: 'status' });
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }

  #currentBackends(): string[] {
    return [...this.#nodes.list()]
      .filter(isBackend)
      .map(({ metadata }) => metadata.name)
      .sort();
  }

  /** The set of nodes has changed: all load balancers get the new one. */
  #syncNodes(): void {
    const next = this.#currentBackends();
    if (this.#backends !== undefined && deepEqual(this.#backends, next)) return;
    const isFirst = this.#backends === undefined;
    this.#backends = next;
    if (isFirst) return;
    for (const service of this.#services.list()) {
      if (!wantsLoadBalancer(service) || !this.#built.has(keyOf(service))) continue;
      if (next.length === 0)
        this.#deps.recorder.event(service, 'Warning', 'UnAvailableLoadBalancer', 'There are no available nodes for LoadBalancer');
      else this.#deps.recorder.event(service, 'Normal', 'UpdatedLoadBalancer', 'Updated load balancer with new hosts');
    }
  }
}
