/** A person at a terminal: applies manifests, runs commands in containers, looks, and lets time pass. */
import { keyOf } from '../../apimachinery/meta.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { isCondition } from '../../apimachinery/conditions.ts';
import { EventResource } from '../../api/core/event.ts';
import { NodeResource } from '../../api/core/node.ts';
import { PodResource } from '../../api/core/pod.ts';
import type { Event, Pod } from '../../api/generated/types.ts';
import { applyAll } from '../../scenario/apply-all.ts';
import type { Applied } from '../../scenario/apply-all.ts';
import { readManifests } from '../../scenario/manifests.ts';
import type { Client } from '../../client/client.ts';
import { CLUSTER_ADMIN } from '../admin.ts';
import { Cluster } from '../cluster.ts';
import type { ClusterOptions } from '../cluster.ts';

const BOOT_LIMIT_MS = 600_000;

/** What a command in a container printed, and how it ended; no exit code while it runs. */
export interface CommandResult {
  stdout: string;
  stderr: string;
  exitCode: number | undefined;
}

/** The objects of a YAML text. Throws when it has errors. */
export function manifestsOf(yaml: string): KubernetesObject[] {
  const { manifests, errors } = readManifests(yaml);
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  return manifests.map(({ object }) => object);
}

export const isReady = ({ status }: Pod): boolean => isCondition(status?.conditions, 'Ready');

/** A user of a cluster of its own. */
export class User {
  readonly cluster: Cluster;
  readonly client: Client;

  /** Takes over a running cluster, or boots one. */
  constructor(options: Partial<ClusterOptions> | Cluster = {}) {
    this.cluster = options instanceof Cluster ? options : new Cluster({ seed: 7, ...options });
    if (!(options instanceof Cluster) && !this.cluster.boot(BOOT_LIMIT_MS)) throw new Error('the cluster did not come up');
    this.client = this.cluster.client('you');
  }

  get now(): number {
    return this.cluster.sim.now;
  }

  /** Applies and returns what became of each object. */
  apply(what: string | readonly KubernetesObject[]): Applied[] {
    const objects = typeof what === 'string' ? manifestsOf(what) : what;
    return applyAll(objects, (request) =>
      this.cluster.sim.perform('you', request.verb, request.resource, () =>
        this.cluster.apiServer.request({ ...request, user: CLUSTER_ADMIN, userAgent: 'you' }),
      ),
    );
  }

  /** Lets virtual time pass. */
  wait(seconds: number): void {
    this.cluster.sim.runUntil(this.now + seconds * 1000);
  }

  /** Lets time pass in steps of 100 ms until it is so; returns how many seconds that took, or Infinity after the limit. */
  waitUntil(condition: () => boolean, limitSeconds: number): number {
    const start = this.now;
    while (!condition()) {
      if (this.now - start >= limitSeconds * 1000) return Infinity;
      this.wait(0.1);
    }
    return (this.now - start) / 1000;
  }

  exec(pod: string, command: readonly string[], { container = '', namespace = 'default', seconds = 30 } = {}): CommandResult {
    const result: CommandResult = { stdout: '', stderr: '', exitCode: undefined };
    this.cluster.sim.perform('you', 'exec', `pods/${namespace}/${pod}`, () =>
      this.cluster.openSession({ namespace, pod, container }, command, {
        onStdout: (text) => (result.stdout += text),
        onStderr: (text) => (result.stderr += text),
        onExit: (code) => (result.exitCode = code),
      }),
    );
    this.waitUntil(() => result.exitCode !== undefined, seconds);
    return result;
  }

  logs(pod: string, container = '', previous = false): string {
    return this.cluster.log({ namespace: 'default', pod, container, previous });
  }

  pods(labels: Record<string, string> = {}, namespace = 'default'): Pod[] {
    const labelSelector = Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(',');
    return this.client.list(PodResource, namespace, { labelSelector }).items;
  }

  pod(name: string, namespace = 'default'): Pod {
    return this.client.get(PodResource, { namespace, name });
  }

  /** Events about objects of a kind, and of a name when given. */
  events(kind: string, name?: string, namespace = 'default'): Event[] {
    return this.client
      .list(EventResource, namespace)
      .items.filter(({ involvedObject }) => involvedObject.kind === kind && (name === undefined || involvedObject.name === name));
  }

  /** "Reason message" of the same. */
  eventTexts(kind: string, name?: string, namespace = 'default'): string[] {
    return this.events(kind, name, namespace).map(({ reason, message }) => `${reason} ${message}`);
  }

  nodeReady(name: string): string | undefined {
    return this.client.get(NodeResource, { name }).status?.conditions?.find(({ type }) => type === 'Ready')?.status;
  }

  keys(objects: readonly KubernetesObject[]): string[] {
    return objects.map(keyOf);
  }
}
