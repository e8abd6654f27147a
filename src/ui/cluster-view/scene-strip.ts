/** The row of cards below the boxes: Services, what belongs to them, and top-level workloads of the namespace; edges of the selection. */
import { SIZES, sceneKey, refKey } from './scene.ts';
import { controllerOf } from '../../apimachinery/meta.ts';
import { LETTERS, rootOwner, shortName } from '../model/ownership.ts';
import { isInView } from '../model/system-namespaces.ts';
import { relatedCard, relationsOf } from './relations.ts';
import type { CardKind, Rect, SceneEdge, SceneInput, SceneItem } from './scene.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { EndpointSlice, Service } from '../../api/generated/types.ts';

const { card, gap } = SIZES;
/** More cards than this would push the picture off the page; the tables list them all. */
const MAX_CARDS = 24;

/** Pods behind a Service that are ready, as keys. */
export function endpointKeys(service: Service, slices: readonly EndpointSlice[]): string[] {
  const { name, namespace } = service.metadata;
  const keys = slices
    .filter(({ metadata }) => metadata.namespace === namespace && metadata.labels?.['kubernetes.io/service-name'] === name)
    .flatMap(({ endpoints = [] }) => endpoints)
    .filter(({ conditions }) => conditions?.ready !== false)
    .flatMap(({ targetRef }) =>
      targetRef?.name ? [refKey({ kind: 'Pod', name: targetRef.name, ...(namespace ? { namespace } : {}) })] : [],
    );
  return [...new Set(keys)];
}

/** How many endpoints of a Service are ready; those that are no pods count too. */
export function endpointCount(service: Service, slices: readonly EndpointSlice[]): number {
  const { name, namespace } = service.metadata;
  const addresses = slices
    .filter(({ metadata }) => metadata.namespace === namespace && metadata.labels?.['kubernetes.io/service-name'] === name)
    .flatMap(({ endpoints = [] }) => endpoints)
    .filter(({ conditions }) => conditions?.ready !== false)
    .flatMap((endpoint) => endpoint.addresses);
  return new Set(addresses).size;
}

/** "8/10" for a workload's card: what is ready of what is wanted. */
export function readyText(object: KubernetesObject): string {
  const { spec, status } = object as {
    spec?: { replicas?: number; completions?: number };
    status?: { readyReplicas?: number; numberReady?: number; desiredNumberScheduled?: number; succeeded?: number; active?: unknown[] };
  };
  if (object.kind === 'CronJob') return String(status?.active?.length ?? 0);
  if (object.kind === 'Job') return `${String(status?.succeeded ?? 0)}/${String(spec?.completions ?? 1)}`;
  if (object.kind === 'DaemonSet') return `${String(status?.numberReady ?? 0)}/${String(status?.desiredNumberScheduled ?? 0)}`;
  return `${String(status?.readyReplicas ?? 0)}/${String(spec?.replicas ?? 1)}`;
}

/** Cards in rows below the boxes; edges only from and to the selected thing. */
export function strip(
  input: SceneInput,
  at: Omit<Rect, 'height'>,
  drawn: readonly SceneItem[],
): { items: SceneItem[]; edges: SceneEdge[]; height: number } {
  const services = input.services.filter((service) => isInView(service, input.namespace));
  const tops = input.workloads.filter((object) => isInView(object, input.namespace) && !controllerOf(object));
  const perRow = Math.max(1, Math.floor((at.width + gap) / (card.width + gap)));
  const items: SceneItem[] = [];
  const put = (object: KubernetesObject, kind: CardKind, label: string) => {
    const index = items.length;
    if (index >= MAX_CARDS) return;
    items.push({
      id: sceneKey(object),
      kind,
      x: at.x + (index % perRow) * (card.width + gap) + card.width / 2,
      y: at.y + Math.floor(index / perRow) * (card.height + gap) + card.height / 2,
      ...card,
      label,
      object,
    });
  };
  for (const service of services) {
    put(service, 'service', `${shortName(service.metadata.name, 18)}\n${input.words.endpoints(endpointCount(service, input.slices))}`);
  }
  for (const object of input.related) {
    if (!isInView(object, input.namespace)) continue;
    const { kind, note } = relatedCard(object);
    put(object, kind, `${shortName(object.metadata.name, 18)}\n${note}`);
  }
  for (const object of tops)
    put(object, 'workload', `${LETTERS[object.kind] ?? '?'} ${shortName(object.metadata.name, 18)}\n${object.kind} ${readyText(object)}`);
  const rows = Math.ceil(items.length / perRow);
  return { items, edges: selectionEdges(input, [...drawn, ...items]), height: rows * (card.height + gap) };
}

/** Edges of the selection: Service to endpoints, owner to pods, and what relations.ts finds. Many edges end at a tile only once. */
export function selectionEdges(input: SceneInput, drawn: readonly SceneItem[]): SceneEdge[] {
  const { selected } = input;
  if (selected === undefined) return [];
  const present = new Set(drawn.map(({ id }) => id));
  const edges = new Map<string, SceneEdge>();
  const link = (kind: SceneEdge['kind'], source: string, target: string) => {
    if (!present.has(source) || !present.has(target)) return;
    const id = `${kind}:${source}>${target}`;
    edges.set(id, { id, source, target, kind });
  };
  for (const service of input.services) {
    const from = sceneKey(service);
    if (from !== selected && !selected.startsWith('Pod/')) continue;
    for (const pod of endpointKeys(service, input.slices)) if (from === selected || pod === selected) link('serves', from, pod);
  }
  for (const { id, object, kind, tile } of drawn) {
    if (kind === 'tile' && tile?.owner === selected) link('owns', selected, id);
    if (kind !== 'pod' || !object) continue;
    const root = sceneKey(rootOwner(object, input.index));
    if (root !== id && (root === selected || id === selected)) link('owns', root, id);
  }
  for (const object of input.related) {
    for (const { kind, source, target } of relationsOf(object, input, selected))
      if (source === selected || target === selected) link(kind, source, target);
  }
  return [...edges.values()];
}
