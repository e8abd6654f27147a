/**
 * The picture by node: the control plane and the tray of pods without a node in the first row, the workers below, and at the
 * bottom the Services and workloads of the namespace.
 */
import { detailFor } from './aggregate.ts';
import { choosePods, contentsOf, podItem, smallItem, TRAY } from './placing.ts';
import { SIZES, sceneKey } from './scene.ts';
import { strip } from './scene-strip.ts';
import { assignSlots, slotCounts, slotsByBox } from './slots.ts';
import { isControlPlane } from '../model/node-state.ts';
import type { Contents, Shown } from './placing.ts';
import type { Scene, SceneBox, SceneInput, SceneItem, SceneMemory } from './scene.ts';
import type { Slot } from './slots.ts';
import type { Node } from '../../api/generated/types.ts';

const { pad, gap, header, cell, large, small, tile } = SIZES;

interface Plan {
  input: SceneInput;
  contents: Contents;
  slots: Map<string, Slot>;
  /** The same by box. */
  byBox: ReadonlyMap<string, [string, Slot][]>;
  counts: Map<string, number>;
  shown: Map<string, Shown>;
  rows: Map<string, number>;
  boxWidth: number;
  columns: number;
  isLarge: boolean;
}

/** Boxes are two to six cells wide: as many side by side as fit. */
function widths(input: SceneInput, nodes: number, tiled: boolean): Pick<Plan, 'boxWidth' | 'columns' | 'isLarge'> {
  if (input.focus !== undefined) {
    const columns = Math.max(2, Math.min(8, Math.floor((input.width - 2 * pad) / large.width)));
    return { columns, boxWidth: columns * large.width + 2 * pad, isLarge: true };
  }
  const least = Math.max(2 * cell.width, tiled ? tile.width : 0) + 2 * pad;
  const perRow = Math.max(1, Math.min(nodes, Math.floor((input.width + gap) / (least + gap))));
  const room = (input.width - (perRow - 1) * gap) / perRow - 2 * pad;
  const columns = Math.max(2, Math.min(nodes > 8 ? 3 : 6, Math.floor(room / cell.width)));
  return { columns, boxWidth: columns * cell.width + 2 * pad, isLarge: false };
}

const keep = (plan: Plan, key: string, rows: number): number => {
  const kept = Math.max(rows, plan.rows.get(key) ?? 0);
  plan.rows.set(key, kept);
  return kept;
};

/** Lays out one box at x, y and adds its things to `items`. */
function layBox(plan: Plan, box: Omit<SceneBox, 'width' | 'height' | 'pods'> & { width?: number }, items: SceneItem[]): SceneBox {
  const { contents, counts, input } = plan;
  const width = box.width ?? plan.boxWidth;
  const inner = width - 2 * pad;
  const size = plan.isLarge ? large : cell;
  const columns = box.width === undefined ? plan.columns : Math.max(1, Math.floor(inner / size.width));
  const smallColumns = Math.floor(inner / small.width);
  let y = box.y + (box.kind === 'tray' ? SIZES.ownerHeader : header);
  const tileRows = keep(plan, `tiles:${box.id}`, counts.get(`tiles:${box.id}`) ?? 0);
  const tilesY = y;
  y += tileRows * (tile.height + 6) + (tileRows ? 4 : 0);
  const least = contents.tiles.size || box.control ? 0 : box.kind === 'node' && input.nodes.length <= 7 ? 2 : 1;
  const podRows = keep(plan, box.id, Math.max(least, Math.ceil((counts.get(box.id) ?? 0) / columns)));
  const podsY = y;
  y += podRows * size.height;
  const smallRows = keep(plan, `small:${box.id}`, Math.ceil((counts.get(`small:${box.id}`) ?? 0) / smallColumns));
  const stripY = y;
  if (smallRows) y += 8 + smallRows * small.height;
  const own = plan.byBox.get(box.id) ?? [];
  const grid = { x: box.x + pad, y: podsY, columns, large: plan.isLarge, index: input.index };
  for (const [id, slot] of own) {
    const found = plan.shown.get(id);
    if (found) items.push(podItem(found, slot, grid));
  }
  for (const [id, slot] of plan.byBox.get(`small:${box.id}`) ?? []) {
    const found = plan.shown.get(id);
    if (found) items.push(smallItem(found, slot, { x: box.x + pad, y: stripY + 6, columns: smallColumns }));
  }
  let tiled = 0;
  for (const [id, slot] of plan.byBox.get(`tiles:${box.id}`) ?? []) {
    const found = contents.tiles.get(id);
    if (!found) continue;
    tiled += found.count;
    const at = { x: box.x + width / 2, y: tilesY + slot.slot * (tile.height + 6) + tile.height / 2 };
    items.push({ id, kind: 'tile', ...at, width: inner, height: tile.height, box: box.id, label: '', tile: found });
  }
  const inStrip = smallRows ? { stripY: stripY - box.y } : {};
  if (box.kind === 'tray' && contents.more) items.push(moreItem(input, box.x + width - pad - 40, box.y + 17, contents.more));
  return { ...box, width, height: y - box.y + 8, pods: tiled || own.length, ...inStrip };
}

const moreItem = (input: SceneInput, x: number, y: number, count: number): SceneItem => ({
  id: 'more',
  kind: 'more',
  x,
  y,
  width: 80,
  height: 24,
  box: TRAY,
  label: input.words.more(count),
});

function plan(input: SceneInput, nodes: readonly Node[], memory: SceneMemory): Plan & { detail: Scene['detail'] } {
  const keys = new Map(nodes.map((node) => [node.metadata.name, sceneKey(node)]));
  const { full, small: system } = choosePods(input, ({ spec }) =>
    spec.nodeName ? keys.get(spec.nodeName) : input.focus === undefined ? TRAY : undefined,
  );
  const detail = input.focus === undefined ? detailFor(full.length, memory.detail) : full.length > 300 ? 'tiles' : 'single';
  const contents = contentsOf(full, detail, input);
  const strips = new Map<string, string[]>();
  for (const { box, id } of system) strips.set(`small:${box}`, [...(strips.get(`small:${box}`) ?? []), id]);
  const slots = assignSlots(memory.slots, [...contents.filled, ...[...strips].map(([box, items]) => ({ box, items }))]);
  const shown = new Map([...full, ...system].map((one) => [one.id, one]));
  const workers = nodes.filter((node) => !isControlPlane(node)).length;
  const rows = new Map(detail === memory.detail ? memory.rows : []);
  return {
    input,
    contents,
    slots,
    byBox: slotsByBox(slots),
    counts: slotCounts(slots),
    shown,
    rows,
    detail,
    ...widths(input, Math.max(1, workers), detail !== 'single'),
  };
}

/** Builds the picture by node, keeping the places of the previous one. */
export function sceneByNode(input: SceneInput, memory: SceneMemory): { scene: Scene; memory: SceneMemory } {
  const nodes = input.nodes.filter(({ metadata }) => input.focus === undefined || metadata.name === input.focus);
  const made = plan(input, nodes, memory);
  const items: SceneItem[] = [];
  const boxes: SceneBox[] = [];
  const add = (node: Node, x: number, y: number) => {
    const box = { id: sceneKey(node), kind: 'node' as const, name: node.metadata.name, node, control: isControlPlane(node), x, y };
    boxes.push(layBox(made, box, items));
  };
  const alone = input.focus !== undefined;
  const control = alone ? [] : nodes.filter(isControlPlane);
  const workers = alone ? nodes : nodes.filter((node) => !isControlPlane(node));
  const perRow = Math.max(1, Math.floor((input.width + gap + 1) / (made.boxWidth + gap)));
  let y = 0;
  const bottom = () => boxes.reduce((low, box) => Math.max(low, box.y + box.height), 0);
  control.forEach((node, index) => {
    add(node, index * (made.boxWidth + gap), y);
  });
  if (!alone) {
    // Where boxes stand one below the other, the tray does so too.
    const beside = perRow > control.length;
    const x = beside ? control.length * (made.boxWidth + gap) : 0;
    if (!beside) y = bottom() + gap;
    const first = beside ? 0 : boxes.length;
    const span = Math.min(perRow, Math.max(1, workers.length)) * (made.boxWidth + gap) - gap;
    const width = Math.max(made.boxWidth, span - x);
    boxes.push(layBox(made, { id: TRAY, kind: 'tray', name: '', control: false, x, y, width }, items));
    const height = bottom() - y;
    for (const box of boxes.slice(first)) box.height = height;
    y = bottom() + gap;
  }
  for (let index = 0; index < workers.length; index += perRow) {
    const row = workers.slice(index, index + perRow);
    const first = boxes.length;
    row.forEach((node, column) => {
      add(node, column * (made.boxWidth + gap), y);
    });
    const height = bottom() - y;
    for (const box of boxes.slice(first)) box.height = height;
    y = bottom() + gap;
  }
  const right = boxes.reduce((far, box) => Math.max(far, box.x + box.width), 0);
  const below = alone ? { items: [], edges: [], height: 0 } : strip(input, { x: 0, y, width: Math.max(right, made.boxWidth) }, items);
  const scene = {
    x: 0,
    y: 0,
    width: right,
    height: y + below.height,
    boxes,
    items: [...items, ...below.items],
    edges: below.edges,
    detail: made.detail,
  };
  return { scene, memory: { slots: made.slots, rows: made.rows, detail: made.detail } };
}
