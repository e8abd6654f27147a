/** Adding and removing a node's taints (`pkg/util/taints`, `pkg/controller/util/node`). Pure. */
import type { Node, Taint } from '../../api/generated/types.ts';

/** Taints are the same when key and effect are (`MatchTaint`). */
const isSameTaint = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;

/** The node's taints without those like `removed` and with `added`; undefined when nothing changes. */
export function changedTaints({ spec }: Node, added: readonly Taint[], removed: readonly Taint[]): Taint[] | undefined {
  const current = spec?.taints ?? [];
  const kept = current.filter((taint) => !removed.some((other) => isSameTaint(other, taint)));
  const missing = added.filter((taint) => !kept.some((other) => isSameTaint(other, taint)));
  return missing.length === 0 && kept.length === current.length ? undefined : [...kept, ...missing];
}
