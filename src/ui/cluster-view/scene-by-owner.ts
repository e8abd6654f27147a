/** The picture by owner: one row a top owner, its card on the left, and to the right a box for each object that owns pods. */
import { detailFor } from './aggregate.ts';
import { choosePods, contentsOf, podItem } from './placing.ts';
import { SIZES, sceneKey } from './scene.ts';
import { readyText, strip } from './scene-strip.ts';
import { assignSlots, slotCounts, slotsByBox } from './slots.ts';
import { controllerOf } from '../../apimachinery/meta.ts';
import { LETTERS, ownerForest, shortName } from '../model/ownership.ts';
import { isInView } from '../model/system-namespaces.ts';
import type { Contents, Shown } from './placing.ts';
import type { Scene, SceneBox, SceneEdge, SceneInput, SceneItem, SceneMemory } from './scene.ts';
import type { OwnerIndex, OwnerTree } from '../model/ownership.ts';
import type { Slot } from './slots.ts';

const { pad, gap, ownerHeader, cell, tile, card } = SIZES;
/** The box of pods that nobody owns. */
const LOOSE = 'loose';
const INDENT = card.width + 40;

interface Plan {
  index: OwnerIndex;
  contents: Contents;
  byBox: ReadonlyMap<string, [string, Slot][]>;
  counts: Map<string, number>;
  shown: Map<string, Shown>;
  rows: Map<string, number>;
  columns: number;
  width: number;
  items: SceneItem[];
  boxes: SceneBox[];
  edges: SceneEdge[];
}

function layBox(plan: Plan, box: Pick<SceneBox, 'id' | 'kind' | 'name' | 'owner' | 'x' | 'y'>): number {
  const { contents, counts, columns, width } = plan;
  let y = box.y + ownerHeader;
  const keep = (key: string, rows: number) => {
    const kept = Math.max(rows, plan.rows.get(key) ?? 0);
    plan.rows.set(key, kept);
    return kept;
  };
  let pods = 0;
  const tiles = plan.byBox.get(`tiles:${box.id}`) ?? [];
  for (const [id, slot] of tiles) {
    const found = contents.tiles.get(id);
    if (!found) continue;
    pods += found.count;
    const at = { x: box.x + width / 2, y: y + slot.slot * (tile.height + 6) + tile.height / 2 };
    plan.items.push({ id, kind: 'tile', ...at, width: width - 2 * pad, height: tile.height, box: box.id, label: '', tile: found });
  }
  y += tiles.length * (tile.height + 6);
  const own = plan.byBox.get(box.id) ?? [];
  for (const [id, slot] of own) {
    const found = plan.shown.get(id);
    if (found) plan.items.push(podItem(found, slot, { x: box.x + pad, y, columns, large: false, index: plan.index }));
  }
  y += keep(box.id, Math.ceil((counts.get(box.id) ?? 0) / columns)) * cell.height;
  const height = y - box.y + 8;
  plan.boxes.push({ ...box, width, height, control: false, pods: pods || own.length });
  return height;
}

const holdsPods = ({ owner }: OwnerTree): boolean => owner.kind !== 'Deployment' && owner.kind !== 'CronJob';

/** Old ReplicaSets that are scaled to zero only clutter the picture. */
const isSpent = ({ owner, pods }: OwnerTree): boolean =>
  pods.length === 0 && (owner as { spec?: { replicas?: number } }).spec?.replicas === 0;

function layTree(plan: Plan, tree: OwnerTree, y: number): number {
  const { owner } = tree;
  const id = sceneKey(owner);
  if (holdsPods(tree)) return layBox(plan, { id, kind: 'owner', name: owner.metadata.name, owner, x: INDENT, y });
  const label = `${LETTERS[owner.kind] ?? '?'} ${shortName(owner.metadata.name, 18)}\n${owner.kind} ${readyText(owner)}`;
  plan.items.push({ id, kind: 'workload', x: card.width / 2, y: y + card.height / 2, ...card, label, object: owner });
  let height = 0;
  for (const child of tree.children) {
    if (isSpent(child)) continue;
    height += layTree(plan, child, y + height) + gap;
    plan.edges.push({ id: `owns:${id}>${sceneKey(child.owner)}`, source: id, target: sceneKey(child.owner), kind: 'owns' });
  }
  return Math.max(card.height, height - gap);
}

/** Builds the picture by owner, keeping the places of the previous one. */
export function sceneByOwner(input: SceneInput, memory: SceneMemory): { scene: Scene; memory: SceneMemory } {
  const owners = input.workloads.filter((object) => isInView(object, input.namespace));
  const boxOf = new Map(owners.map((owner) => [owner.metadata.uid, sceneKey(owner)]));
  const { full } = choosePods({ ...input, system: 'hidden' }, (pod) => boxOf.get(controllerOf(pod)?.uid ?? '') ?? LOOSE);
  const detail = detailFor(full.length, memory.detail);
  const contents = contentsOf(full, detail, input);
  const slots = assignSlots(memory.slots, contents.filled);
  const room = input.width - INDENT;
  const columns = Math.max(2, Math.floor((room - 2 * pad) / cell.width));
  const made: Plan = {
    index: input.index,
    contents,
    byBox: slotsByBox(slots),
    counts: slotCounts(slots),
    shown: new Map(full.map((one) => [one.id, one])),
    rows: new Map(detail === memory.detail ? memory.rows : []),
    columns,
    width: columns * cell.width + 2 * pad,
    items: [],
    boxes: [],
    edges: [],
  };
  const { trees, loose } = ownerForest(
    owners,
    full.map(({ pod }) => pod),
  );
  let y = 0;
  for (const tree of trees) y += layTree(made, tree, y) + gap;
  if (loose.length) y += layBox(made, { id: LOOSE, kind: 'loose', name: '', x: INDENT, y }) + gap;
  const { boxes } = made;
  const width = INDENT + made.width;
  const below = strip({ ...input, workloads: [] }, { x: 0, y, width }, made.items);
  // Who owns whom is drawn for all.
  const chosen = below.edges.filter(({ kind }) => kind !== 'owns');
  const items = [...made.items, ...below.items];
  const scene = { x: 0, y: 0, width, height: y + below.height, boxes, items, edges: [...made.edges, ...chosen], detail };
  return { scene, memory: { slots, rows: made.rows, detail } };
}
