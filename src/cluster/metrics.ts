/**
 * metrics.k8s.io/v1beta1: what nodes and pods use, as a metrics server reports it (`sigs.k8s.io/metrics-server`, `k8s.io/metrics`). For `kubectl top`
 * and for the autoscaler.
 * Differs: there is no metrics-server pod; the values are those of this instant, read from the kubelets without delay.
 */
import { formatTime } from '../apimachinery/durations.ts';
import { parseFieldSelector } from '../apimachinery/fields.ts';
import { parseSelector } from '../apimachinery/label-selector-parser.ts';
import type { Selector } from '../apimachinery/labels.ts';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { notFound } from '../apimachinery/status.ts';
import { NodeResource } from '../api/core/node.ts';
import { PodResource } from '../api/core/pod.ts';
import type { ApiRequest, ApiResponse } from '../api/request.ts';
import { ageColumn, nameColumn } from '../api/columns.ts';
import { defineResource } from '../api/resource.ts';
import type { ResourceDefinition } from '../api/resource.ts';
import type { ObjectReader } from '../apiserver/admission/admission.ts';
import type { VirtualResource } from '../apiserver/server.ts';
import type { PodMetrics, PodMetricsSource } from '../controller-manager/horizontal-pod-autoscaler/metrics.ts';
import type { PodUsage } from '../kubelet/stats.ts';
import type { Simulation } from '../sim/simulation.ts';
import type { ClusterNode } from './node.ts';

const WINDOW_MS = 15_000;
/** What the node's own daemons use: kubelet, containerd, systemd. */
const SYSTEM = { milliCpu: 40, memoryBytes: 450 * 1024 ** 2 };

const definitionOf = (kind: string, plural: string, namespaced: boolean): ResourceDefinition =>
  defineResource<KubernetesObject>({
    group: 'metrics.k8s.io',
    version: 'v1beta1',
    kind,
    plural,
    singular: '',
    namespaced,
    schema: '',
    verbs: ['get', 'list'],
    columns: [nameColumn, ageColumn],
  });

type Measured = KubernetesObject & { timestamp: string; window: string };

/** Reads what the kubelets of a cluster measure. */
export class ClusterMetrics implements PodMetricsSource {
  readonly #sim: Simulation;
  readonly #nodes: ReadonlyMap<string, ClusterNode>;
  readonly #reader: () => ObjectReader;

  constructor(sim: Simulation, nodes: ReadonlyMap<string, ClusterNode>, reader: () => ObjectReader) {
    this.#sim = sim;
    this.#nodes = nodes;
    this.#reader = reader;
  }

  /** The two resources. */
  resources(): VirtualResource[] {
    const nodes = definitionOf('NodeMetrics', 'nodes', false);
    const pods = definitionOf('PodMetrics', 'pods', true);
    return [
      { definition: nodes, handle: (request) => answer(nodes, request, this.#nodeMetrics()) },
      { definition: pods, handle: (request) => answer(pods, request, this.#podMetrics(request.namespace)) },
    ];
  }

  podMetrics(namespace: string, selector: Selector): PodMetrics[] {
    return this.#usages()
      .filter((usage) => usage.namespace === namespace && selector.matches(this.#labelsOf(usage)))
      .map(({ name, containers }) => ({
        name,
        timestampMs: this.#sim.now,
        windowMs: WINDOW_MS,
        containers: containers.map((container) => ({
          name: container.name,
          milli: { cpu: container.milliCpu, memory: container.memoryBytes * 1000 },
        })),
      }));
  }

  #usages(): PodUsage[] {
    return [...this.#nodes.values()].flatMap(({ kubelet }) => kubelet?.podUsages() ?? []);
  }

  #labelsOf({ namespace, name }: PodUsage): Record<string, string> | undefined {
    return this.#reader().get(PodResource, namespace, name)?.metadata.labels;
  }

  #podMetrics(namespace: string | undefined): Measured[] {
    return this.#usages()
      .filter((usage) => namespace === undefined || usage.namespace === namespace)
      .map((usage) => ({
        ...this.#measured('PodMetrics', usage.name, usage.namespace, this.#labelsOf(usage)),
        containers: usage.containers.map(({ name, milliCpu, memoryBytes }) => ({ name, usage: quantities(milliCpu, memoryBytes) })),
      }));
  }

  #nodeMetrics(): Measured[] {
    const reader = this.#reader();
    return [...this.#nodes.values()].flatMap(({ name, kubelet }) => {
      const node = reader.get(NodeResource, undefined, name);
      if (kubelet === undefined || node === undefined) return [];
      const containers = kubelet.podUsages().flatMap((pod) => pod.containers);
      const milliCpu = containers.reduce((sum, container) => sum + container.milliCpu, SYSTEM.milliCpu);
      const memoryBytes = containers.reduce((sum, container) => sum + container.memoryBytes, SYSTEM.memoryBytes);
      return [{ ...this.#measured('NodeMetrics', name, undefined, node.metadata.labels), usage: quantities(milliCpu, memoryBytes) }];
    });
  }

  #measured(kind: string, name: string, namespace: string | undefined, labels: Record<string, string> | undefined): Measured {
    const timestamp = formatTime(this.#sim.now);
    const metadata = {
      name,
      ...(namespace !== undefined && { namespace }),
      creationTimestamp: timestamp,
      ...(labels && { labels }),
    } as KubernetesObject['metadata'];
    return { kind, apiVersion: 'metrics.k8s.io/v1beta1', metadata, timestamp, window: `${WINDOW_MS / 1000}s` };
  }
}

/** In the units that metrics-server prints: billionths of a core, and KiB. */
function quantities(milliCpu: number, memoryBytes: number): Record<string, string> {
  return { cpu: `${Math.round(milliCpu * 1_000_000)}n`, memory: `${Math.round(memoryBytes / 1024)}Ki` };
}

function answer({ group, plural, kind }: ResourceDefinition, { verb, name, options = {} }: ApiRequest, all: Measured[]): ApiResponse {
  if (verb === 'get') {
    const found = all.find(({ metadata }) => metadata.name === name);
    if (found === undefined) throw notFound({ group, resource: plural }, name ?? '');
    return { code: 200, object: found, warnings: [] };
  }
  const labels = options.labelSelector ? parseSelector(options.labelSelector) : undefined;
  const fields = options.fieldSelector ? parseFieldSelector(options.fieldSelector) : undefined;
  const items = all.filter(
    ({ metadata }) =>
      (labels === undefined || labels.matches(metadata.labels)) &&
      (fields === undefined ||
        fields.matches((field) =>
          field === 'metadata.name' ? metadata.name : field === 'metadata.namespace' ? metadata.namespace : undefined,
        )),
  );
  return {
    code: 200,
    object: { kind: `${kind}List`, apiVersion: 'metrics.k8s.io/v1beta1', metadata: { resourceVersion: '' }, items },
    warnings: [],
  };
}
