/**
 * The controller beside nginx: tells of Ingresses that it takes up, and writes where they can be reached into their
 * status (`kubernetes/ingress-nginx` internal/ingress/controller/store, internal/ingress/status/status.go). One for
 * all pods of a cluster: the oldest is the leader.
 */
import { IngressResource } from '../../api/networking/ingress.ts';
import { PodResource } from '../../api/core/pod.ts';
import type { Ingress, IngressLoadBalancerIngress } from '../../api/generated/types.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import { StatusError } from '../../apimachinery/status.ts';
import type { Client } from '../../client/client.ts';
import { EventRecorder } from '../../client/event-recorder.ts';
import type { InformerFactory } from '../../client/informer.ts';
import type { Process } from '../../linux/process.ts';
import type { TaskScope } from '../../sim/task-scope.ts';
import { ignoredAnnotations } from './annotations.ts';
import { Caches } from './caches.ts';
import type { Selection } from './caches.ts';

/** How soon after a change nginx is reloaded, and how often statuses are written (`syncRateLimit`, `updateInterval`). */
const RELOAD_MS = 300;
const STATUS_INTERVAL_MS = 60_000;

/** One pod of the controller. */
export interface Instance {
  readonly process: Process;
  readonly selection: Selection;
  readonly namespace: string;
  readonly podName: string;
  /** `--publish-service`: "namespace/name". */
  readonly publishService: string | undefined;
  /** `--publish-status-address` */
  readonly publishAddress: string | undefined;
}

/** What the controllers need of the cluster. */
export interface IngressSurroundings {
  readonly scope: TaskScope;
  readonly informers: InformerFactory;
  /** A client that acts as a service account. */
  clientOf(namespace: string, serviceAccount: string): Client;
}

/** Formats klog's head of a line. */
export function klog(now: number, level: 'I' | 'W' | 'E', where: string): string {
  const iso = new Date(now).toISOString();
  return `${level}${iso.slice(5, 7)}${iso.slice(8, 10)} ${iso.slice(11, 23)}000       7 ${where}] `;
}

/** All controllers of a cluster. */
export class IngressControllers {
  readonly #surroundings: IngressSurroundings;
  readonly #instances: Instance[] = [];
  #caches: Caches | undefined;
  #recorder: EventRecorder | undefined;
  #statusAt = 0;
  #reloading = false;
  #writing = false;

  constructor(surroundings: IngressSurroundings) {
    this.#surroundings = surroundings;
  }

  /** The caches; watching begins with the first call. */
  get caches(): Caches {
    if (this.#caches === undefined) {
      const { informers, scope } = this.#surroundings;
      this.#caches = new Caches(informers);
      this.#statusAt = scope.now;
      this.#caches.ingresses.addHandler({
        add: (ingress) => this.#changed(ingress, true),
        update: (next, old) =>
          this.#changed(
            next,
            next.metadata.generation !== old.metadata.generation || next.metadata.annotations !== old.metadata.annotations,
          ),
        delete: (ingress) => this.#changed(ingress, false),
      });
    }
    return this.#caches;
  }

  /** A pod of the controller begins its work. */
  add(instance: Instance): void {
    this.#instances.push(instance);
    for (const ingress of this.caches.ingresses.list()) this.#tell(ingress, [instance]);
    this.#reloadLater();
    this.#statusLater(1000);
  }

  /** It ends; the last one takes the addresses away. */
  remove(instance: Instance): void {
    const index = this.#instances.indexOf(instance);
    if (index >= 0) this.#instances.splice(index, 1);
    if (this.#instances.length === 0) this.#writeStatuses(instance, []);
  }

  #changed(ingress: Ingress, tells: boolean): void {
    if (this.#leader === undefined) return;
    if (tells) this.#tell(ingress, this.#instances);
    if (!tells && this.caches.ingresses.get(`${ingress.metadata.namespace ?? ''}/${ingress.metadata.name}`) !== undefined) return;
    this.#reloadLater();
    const { now } = this.#surroundings.scope;
    const passed = (now - this.#statusAt) % STATUS_INTERVAL_MS;
    this.#statusLater(STATUS_INTERVAL_MS - passed);
  }

  /** The oldest that still runs. */
  get #leader(): Instance | undefined {
    for (let index = this.#instances.length - 1; index >= 0; index--) {
      if (!this.#instances[index]?.process.alive) this.#instances.splice(index, 1);
    }
    return this.#instances[0];
  }

  #tell(ingress: Ingress, instances: readonly Instance[]): void {
    for (const { process, selection, namespace } of instances) {
      if (!process.alive || !this.caches.isSelected(ingress, selection)) continue;
      const { scope, clientOf } = this.#surroundings;
      this.#recorder ??= new EventRecorder(scope, clientOf(namespace, 'ingress-nginx'), { component: 'nginx-ingress-controller' });
      this.#recorder.event(ingress, 'Normal', 'Sync', 'Scheduled for sync');
      const name = `${ingress.metadata.namespace ?? ''}/${ingress.metadata.name}`;
      process.print(
        `${klog(process.now, 'I', 'store.go:440')}"Found valid IngressClass" ingress="${name}" ingressclass="${selection.className}"\n`,
      );
      for (const annotation of ignoredAnnotations(ingress))
        process.print(
          `${klog(process.now, 'W', 'store.go:440')}"Annotation is not simulated" ingress="${name}" annotation="${annotation}"\n`,
        );
    }
  }

  #reloadLater(): void {
    if (this.#reloading) return;
    this.#reloading = true;
    this.#surroundings.scope.after(RELOAD_MS, 'nginx reloaded', 'ingress-nginx', () => {
      this.#reloading = false;
      for (const { process } of this.#instances) {
        if (!process.alive) continue;
        process.print(`${klog(process.now, 'I', 'controller.go:193')}"Configuration changes detected, backend reload required"\n`);
        process.print(`${klog(process.now, 'I', 'controller.go:213')}"Backend successfully reloaded"\n`);
      }
    });
  }

  #statusLater(delayMs: number): void {
    if (this.#writing) return;
    this.#writing = true;
    this.#surroundings.scope.after(delayMs, 'statuses written', 'ingress-nginx', () => {
      this.#writing = false;
      const leader = this.#leader;
      if (leader !== undefined) this.#writeStatuses(leader, this.#addresses(leader));
    });
  }

  /** Where the controllers can be reached: their Service's load balancer, a given address, or their nodes. */
  #addresses({ publishService, publishAddress, namespace }: Instance): IngressLoadBalancerIngress[] {
    if (publishAddress !== undefined)
      return publishAddress.split(',').map((address) => (/^[\d.]+$/.test(address) ? { ip: address } : { hostname: address }));
    const service = publishService === undefined ? undefined : this.caches.services.get(publishService);
    if (service !== undefined && service.spec.type === 'LoadBalancer')
      return (service.status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ({
        ...(ip && { ip }),
        ...(hostname && { hostname }),
      }));
    if (service?.spec.externalIPs?.length) return service.spec.externalIPs.map((ip) => ({ ip }));
    if (
      service !== undefined &&
      service.spec.type !== 'ExternalName' &&
      publishService !== undefined &&
      service.spec.clusterIP &&
      service.spec.type === 'ClusterIP'
    )
      return [{ ip: service.spec.clusterIP }];
    const client = this.#surroundings.clientOf(namespace, 'ingress-nginx');
    const ips = new Set<string>();
    for (const { podName } of this.#instances) {
      const hostIP = tolerantly(() => client.find(PodResource, { namespace, name: podName }))?.status?.hostIP;
      if (hostIP !== undefined) ips.add(hostIP);
    }
    return [...ips].sort().map((ip) => ({ ip }));
  }

  #writeStatuses(instance: Instance, addresses: IngressLoadBalancerIngress[]): void {
    const { selection, namespace, process } = instance;
    const client = this.#surroundings.clientOf(namespace, 'ingress-nginx');
    for (const ingress of [...this.caches.ingresses.list()]) {
      if (!this.caches.isSelected(ingress, selection)) continue;
      const { ingress: current = [] } = ingress.status?.loadBalancer ?? {};
      if (deepEqual(current, addresses)) continue;
      const name = `${ingress.metadata.namespace ?? ''}/${ingress.metadata.name}`;
      try {
        const fresh = client.get(IngressResource, ingress.metadata);
        client.updateStatus(IngressResource, { ...fresh, status: { loadBalancer: { ingress: addresses } } });
        if (process.alive)
          process.print(
            `${klog(process.now, 'I', 'status.go:304')}"updating Ingress status" namespace="${ingress.metadata.namespace ?? ''}" ingress="${ingress.metadata.name}"\n`,
          );
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        if (process.alive)
          process.print(
            `${klog(process.now, 'E', 'status.go:310')}"error updating ingress rule" err="${error.message}" ingress="${name}"\n`,
          );
      }
    }
  }
}

/** Undefined when the API refuses. */
function tolerantly<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof StatusError) return undefined;
    throw error;
  }
}
