/** Watches as lanes: one a component, with how far it has come in the store's history. */
import type { WatchState } from '../../worker/protocol-views.ts';

/** Revisions that a lane spans. */
export const SPAN = 60;

/** One component that watches. */
export interface Lane {
  receiver: string;
  resources: string[];
  /** The newest revision that any of its watches was told; 0 for none. */
  delivered: number;
  /** Changes on their way to it. */
  waiting: number;
}

/** Watches of one component lie in one lane; those that changes are on their way to come first, then the most recently told. */
export function lanesOf(watches: readonly WatchState[]): Lane[] {
  const lanes = new Map<string, Lane>();
  for (const { receiver, resource, delivered, waiting } of watches) {
    const lane = lanes.get(receiver) ?? { receiver, resources: [], delivered: 0, waiting: 0 };
    lanes.set(receiver, lane);
    if (!lane.resources.includes(resource)) lane.resources.push(resource);
    lane.delivered = Math.max(lane.delivered, delivered);
    lane.waiting += waiting;
  }
  return [...lanes.values()].sort((a, b) => b.waiting - a.waiting || b.delivered - a.delivered || (a.receiver < b.receiver ? -1 : 1));
}

/** Where a lane's dot lies, 0 to 1. Newest at the right; what lies farther back than the span stays at the left end. */
export const placeOf = (delivered: number, revision: number): number => Math.min(1, Math.max(0, 1 - (revision - delivered) / SPAN));
