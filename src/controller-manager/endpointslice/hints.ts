/** The hints of all Services: what was given to whom, what nodes there are, and what is told (`k8s.io/endpointslice/reconciler.go`, finalize). */
import type { EndpointSlice, Node, Service } from '../../api/generated/types.ts';
import { isCondition } from '../../apimachinery/conditions.ts';
import { keyOf } from '../../apimachinery/meta.ts';
import type { Controller } from '../../client/controller.ts';
import type { Informer } from '../../client/informer.ts';
import type { ControllerDeps } from '../deps.ts';
import type { SlicePlan } from '../slice-packing.ts';
import { addHints, cpuRatios, hintOwnZones, isOverloaded, removeHints } from './topology.ts';
import type { HintedSlices } from './topology.ts';

const MODE = 'service.kubernetes.io/topology-mode';
const OLD_MODE = 'service.kubernetes.io/topology-aware-hints';
const ZONE = 'topology.kubernetes.io/zone';
/** `spec.trafficDistribution` values that ask for the own zone. */
const CLOSE = new Set(['PreferClose', 'PreferSameZone']);

/** Whether the Service asks for hints by zone and CPU. */
function isHinted({ metadata }: Service): boolean {
  const mode = metadata.annotations?.[OLD_MODE] ?? metadata.annotations?.[MODE];
  return mode === 'Auto' || mode === 'auto';
}

/** Gives slices their hints before they are written. */
export class TopologyHints {
  readonly #deps: ControllerDeps;
  readonly #nodes: Informer<Node>;
  #ratios: ReadonlyMap<string, number> | undefined;
  #ratiosKnown = false;
  /** "namespace/name/IPv4" → hints by zone, for those that have any. */
  readonly #given = new Map<string, ReadonlyMap<string, number>>();

  constructor(deps: ControllerDeps, nodes: Informer<Node>) {
    this.#deps = deps;
    this.#nodes = nodes;
  }

  /** Services whose hints do not fit the nodes any more come into the queue. Costs nothing while no Service has hints. */
  watchNodes(controller: Controller): void {
    const changed = () => {
      this.#ratiosKnown = false;
      for (const [key, counts] of this.#given) {
        if (isOverloaded(counts, this.#currentRatios())) controller.enqueue(key.slice(0, key.lastIndexOf('/')));
      }
    };
    const differs = (a: Node, b: Node) =>
      a.metadata.labels?.[ZONE] !== b.metadata.labels?.[ZONE] ||
      a.status?.allocatable?.['cpu'] !== b.status?.allocatable?.['cpu'] ||
      isCondition(a.status?.conditions, 'Ready') !== isCondition(b.status?.conditions, 'Ready');
    this.#nodes.addHandler(
      {
        add: changed,
        update: (next, old) => {
          if (differs(next, old)) changed();
        },
        delete: changed,
      },
      this.#deps.scope,
    );
  }

  forget(serviceKey: string): void {
    for (const key of this.#given.keys()) if (key.startsWith(`${serviceKey}/`)) this.#given.delete(key);
  }

  /** Sets the hints of a plan. */
  apply(service: Service, addressType: string, plan: SlicePlan, unchanged: readonly EndpointSlice[]): void {
    const slices: HintedSlices = {
      planned: [...plan.create, ...plan.update],
      unchanged,
      rewrite(slice) {
        const update = { slice, endpoints: [...(slice.endpoints ?? [])] };
        plan.update.push(update);
        return update;
      },
    };
    const key = `${keyOf(service)}/${addressType}`;
    const tell = (type: 'Normal' | 'Warning', reason: string, message: string) =>
      this.#deps.recorder.event(service, type, reason, `${message}, addressType: ${addressType}`);
    if (isHinted(service)) {
      const result = addHints(slices, this.#currentRatios());
      if (!(result instanceof Map)) {
        const event = result as Exclude<typeof result, ReadonlyMap<string, number>>;
        this.#given.delete(key);
        tell(event.type, event.reason, event.message);
        return;
      }
      if (!this.#given.has(key)) tell('Normal', 'TopologyAwareHintsEnabled', 'Topology Aware Hints has been enabled');
      this.#given.set(key, result);
      return;
    }
    if (this.#given.delete(key)) tell('Warning', 'TopologyAwareHintsDisabled', 'Topology Aware Hints has been disabled');
    if (CLOSE.has(service.spec.trafficDistribution ?? '')) hintOwnZones(slices);
    else removeHints(slices);
  }

  #currentRatios(): ReadonlyMap<string, number> | undefined {
    if (!this.#ratiosKnown) {
      this.#ratios = cpuRatios(this.#nodes.list());
      this.#ratiosKnown = true;
    }
    return this.#ratios;
  }
}
