/** Puts the contents of a box into its rows: full-size pods or tiles, and the strip of small system pods below. */
import { aggregate } from './aggregate.ts';
import { SIZES, sceneKey } from './scene.ts';
import { ownerChain, podLabel, rootOwner } from '../model/ownership.ts';
import { drawnState, podSummary } from '../model/pod-state.ts';
import { isInView, isSystemNamespace } from '../model/system-namespaces.ts';
import { nodeState } from '../model/node-state.ts';
import type { Counted, Detail, Tile } from './aggregate.ts';
import type { SceneInput, SceneItem } from './scene.ts';
import type { Pod } from '../../api/generated/types.ts';
import type { OwnerIndex } from '../model/ownership.ts';
import type { PodState } from '../model/pod-state.ts';
import type { Filled, Slot } from './slots.ts';

/** A pod chosen for the picture. */
export interface Shown {
  id: string;
  pod: Pod;
  box: string;
  state: PodState;
}

/** The box of pods that have no node. */
export const TRAY = 'tray';

/** The pods to draw in full, and those of the system to draw small, each with the state as it is to be drawn. */
export function choosePods(input: SceneInput, boxOf: (pod: Pod) => string | undefined): { full: Shown[]; small: Shown[] } {
  const silent = new Set(input.nodes.filter((node) => nodeState(node) === 'unknown').map(({ metadata }) => metadata.name));
  const full: Shown[] = [];
  const small: Shown[] = [];
  for (const pod of input.pods) {
    const wanted = isInView(pod, input.namespace);
    if (!wanted && (input.system === 'hidden' || !isSystemNamespace(pod.metadata.namespace))) continue;
    const box = boxOf(pod);
    if (box === undefined) continue;
    const shown = { id: sceneKey(pod), pod, box, state: drawnState(pod, silent.has(pod.spec.nodeName ?? '')) };
    (wanted ? full : small).push(shown);
  }
  return { full, small };
}

/** What is to get a slot, box by box, and the tiles among it. */
export interface Contents {
  filled: Filled[];
  tiles: Map<string, Tile>;
  more: number;
}

/** Decides what stands for the pods of each box. Tiles come first: they take a row each. */
export function contentsOf(full: readonly Shown[], detail: Detail, input: SceneInput): Contents {
  const items = new Map<string, string[]>();
  const put = (box: string, id: string) => {
    const list = items.get(box);
    if (list) list.push(id);
    else items.set(box, [id]);
  };
  if (detail === 'single') {
    for (const { box, id } of full) put(box, id);
    return { filled: toFilled(items), tiles: new Map(), more: 0 };
  }
  const counted: Counted[] = full.map(({ id, box, state, pod }) => ({ id, box, state, owner: sceneKey(rootOwner(pod, input.index)) }));
  const { tiles, single, more } = aggregate(counted, detail, input.selected);
  const boxes = new Map(full.map(({ id, box }) => [id, box]));
  for (const id of single) put(boxes.get(id) ?? TRAY, id);
  const byTile = new Map<string, string[]>();
  // Without a node all are pending, and stand there singly.
  for (const { box, id } of tiles) if (box !== TRAY) byTile.set(box, [...(byTile.get(box) ?? []), id]);
  const tileBoxes = [...byTile].map(([box, ids]) => ({ box: `tiles:${box}`, items: ids }));
  return { filled: [...toFilled(items), ...tileBoxes], tiles: new Map(tiles.map((tile) => [tile.id, tile])), more };
}

const toFilled = (items: ReadonlyMap<string, string[]>): Filled[] => [...items].map(([box, list]) => ({ box, items: list }));

/** The place and look of a pod's hexagon in a grid of `columns`, whose upper left corner is at x, y. */
export function podItem(
  shown: Shown,
  slot: Slot,
  grid: { x: number; y: number; columns: number; large: boolean; index: OwnerIndex },
): SceneItem {
  const { width, height } = grid.large ? SIZES.large : SIZES.cell;
  const size = grid.large ? SIZES.largeHexagon : SIZES.hexagon;
  const { ready, total, restarts } = podSummary(shown.pod);
  return {
    id: shown.id,
    kind: 'pod',
    x: grid.x + (slot.slot % grid.columns) * width + width / 2,
    y: grid.y + Math.floor(slot.slot / grid.columns) * height + size / 2 + 4,
    width: size,
    height: size,
    box: shown.box,
    label: podLabel(shown.pod.metadata.name, grid.large ? 17 : 12),
    state: shown.state,
    restarts,
    ...(ready < total && shown.state !== 'succeeded' ? { ready: `${String(ready)}/${String(total)}` } : {}),
    object: shown.pod,
    owners: ownerChain(shown.pod, grid.index).map(sceneKey),
  };
}

/** The place of a small system pod in the strip. */
export function smallItem(shown: Shown, slot: Slot, strip: { x: number; y: number; columns: number }): SceneItem {
  const { width, height } = SIZES.small;
  return {
    id: shown.id,
    kind: 'small',
    x: strip.x + (slot.slot % strip.columns) * width + width / 2,
    y: strip.y + Math.floor(slot.slot / strip.columns) * height + height / 2,
    width: SIZES.smallHexagon,
    height: SIZES.smallHexagon,
    box: shown.box,
    label: '',
    state: shown.state,
    object: shown.pod,
  };
}
