/** Walking the picture by keyboard: left and right among neighbours, up and down between a box and what is in it. */
import type { Scene, SceneItem } from './scene.ts';

/** A step on the keyboard. */
export type Step = 'left' | 'right' | 'up' | 'down' | 'first' | 'last';

const inReadingOrder = (a: { x: number; y: number }, b: { x: number; y: number }): number => a.y - b.y || a.x - b.x;

/** Ids on the top level, in reading order: boxes, then what lies below or beside them. */
function topLevel(scene: Scene): string[] {
  const free = scene.items.filter(({ box }) => box === undefined).sort(inReadingOrder);
  return [...scene.boxes.toSorted(inReadingOrder).map(({ id }) => id), ...free.map(({ id }) => id)];
}

const inside = (scene: Scene, box: string): string[] =>
  scene.items
    .filter((item: SceneItem) => item.box === box)
    .sort(inReadingOrder)
    .map(({ id }) => id);

/** Where a step leads; the same place when there is nothing that way, the first box when the cursor is nowhere. */
export function walk(scene: Scene, cursor: string | undefined, step: Step): string | undefined {
  const top = topLevel(scene);
  const item = scene.items.find(({ id }) => id === cursor);
  const known = cursor !== undefined && (item !== undefined || scene.boxes.some(({ id }) => id === cursor));
  if (!known) return top[0];
  if (step === 'up') return item?.box ?? scene.edges.find(({ target, kind }) => kind === 'owns' && target === cursor)?.source ?? cursor;
  if (step === 'down') {
    const child = inside(scene, cursor)[0] ?? scene.edges.find(({ source, kind }) => kind === 'owns' && source === cursor)?.target;
    return child ?? cursor;
  }
  const row = item?.box === undefined ? top : inside(scene, item.box);
  if (step === 'first') return row[0];
  if (step === 'last') return row.at(-1);
  const at = row.indexOf(cursor);
  return row[at + (step === 'left' ? -1 : 1)] ?? cursor;
}

/** The next thing along the edges of the cursor's place, after `previous`. */
export function alongEdge(scene: Scene, cursor: string | undefined, previous: string | undefined): string | undefined {
  const ends = scene.edges.flatMap(({ source, target }) => (source === cursor ? [target] : target === cursor ? [source] : []));
  const next = previous === undefined ? -1 : ends.indexOf(previous);
  return ends[(next + 1) % Math.max(1, ends.length)] ?? cursor;
}
