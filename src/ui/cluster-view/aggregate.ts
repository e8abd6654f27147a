/**
 * When there are too many pods to draw each: per box one tile an owner with a count and how many are in which state. What wants
 * attention, and what is selected, stays single.
 */
import { countState } from '../model/pod-state.ts';
import type { PodState, StateCounts } from '../model/pod-state.ts';

/** How much is drawn of each pod. */
export type Detail = 'single' | 'tiles' | 'bars';

/** From so many visible pods on they share tiles; below the second number they are drawn singly again (so that it does not flicker). */
const TILES_FROM = 200;
const SINGLE_BELOW = 160;
/** From so many on there is one bar a box. */
const BARS_FROM = 2000;
const TILES_BELOW = 1800;

/** At most so many pods stay single in tiles and bars. */
export const MAX_SINGLE = 50;

/** The detail for a number of pods, given what is drawn now. */
export function detailFor(pods: number, now: Detail): Detail {
  if (pods > BARS_FROM || (now === 'bars' && pods >= TILES_BELOW)) return 'bars';
  if (pods > TILES_FROM || (now !== 'single' && pods >= SINGLE_BELOW)) return 'tiles';
  return 'single';
}

/** A pod as aggregation sees it. */
export interface Counted {
  id: string;
  box: string;
  /** Key of the owner at the top. */
  owner: string;
  state: PodState;
}

/** Pods of one owner in one box. */
export interface Tile {
  id: string;
  box: string;
  /** Absent on the one tile that stands for everything in a box. */
  owner?: string;
  count: number;
  states: StateCounts;
}

/** The tiles of all boxes, in order of appearance, the pods that stay single, and how many single ones found no room. */
export interface Aggregated {
  tiles: Tile[];
  single: string[];
  more: number;
}

const STAYS_SINGLE: ReadonlySet<PodState> = new Set(['failed', 'pending']);

/** Puts pods into tiles. Single ones are counted in their tile too: a tile always says the whole number. */
export function aggregate(pods: readonly Counted[], detail: 'tiles' | 'bars', selected: string | undefined): Aggregated {
  const tiles = new Map<string, Tile>();
  const single: string[] = [];
  let more = 0;
  for (const { id, box, owner, state } of pods) {
    const key = detail === 'bars' ? `tile:${box}` : `tile:${box}:${owner}`;
    let tile = tiles.get(key);
    if (!tile) tiles.set(key, (tile = { id: key, box, count: 0, states: {}, ...(detail === 'bars' ? {} : { owner }) }));
    tile.count++;
    countState(tile.states, state);
    if (id === selected) single.unshift(id);
    else if (STAYS_SINGLE.has(state)) single.push(id);
  }
  if (single.length > MAX_SINGLE) {
    more = single.length - MAX_SINGLE;
    single.length = MAX_SINGLE;
  }
  return { tiles: [...tiles.values()], single, more };
}
