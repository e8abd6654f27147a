/**
 * Places that stay: a thing keeps its slot as long as it stays in its box, a new one takes the first free slot, and
 * nothing else moves. A layout that is computed afresh on every change would make a rolling update unreadable.
 */

/** Where a thing is: its box and the number of its slot there. */
export interface Slot {
  box: string;
  slot: number;
}

/** A box and what is in it now, in the order in which newcomers are to be placed. */
export interface Filled {
  box: string;
  items: readonly string[];
}

/** The new places, given the previous ones. */
export function assignSlots(previous: ReadonlyMap<string, Slot>, boxes: readonly Filled[]): Map<string, Slot> {
  const next = new Map<string, Slot>();
  for (const { box, items } of boxes) {
    const taken = new Set<number>();
    for (const id of items) {
      const old = previous.get(id);
      if (old?.box !== box || taken.has(old.slot)) continue;
      next.set(id, old);
      taken.add(old.slot);
    }
    let free = 0;
    for (const id of items) {
      if (next.get(id)?.box === box) continue;
      while (taken.has(free)) free++;
      taken.add(free);
      next.set(id, { box, slot: free });
    }
  }
  return next;
}

/** How many slots each box needs: one more than the highest that is taken. */
export function slotCounts(slots: ReadonlyMap<string, Slot>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { box, slot } of slots.values()) counts.set(box, Math.max(counts.get(box) ?? 0, slot + 1));
  return counts;
}

/** The slots of each box. */
export function slotsByBox(slots: ReadonlyMap<string, Slot>): Map<string, [string, Slot][]> {
  const boxes = new Map<string, [string, Slot][]>();
  for (const entry of slots) {
    const list = boxes.get(entry[1].box);
    if (list) list.push(entry);
    else boxes.set(entry[1].box, [entry]);
  }
  return boxes;
}
