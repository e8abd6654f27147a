/**
 * The pods of each node, shared by the controllers that look after nodes.
 */
import type { Pod } from '../api/generated/types.ts';
import type { Informer } from '../client/informer.ts';

/** Index of pods by `spec.nodeName`. */
export const BY_NODE = 'nodeName';

/** Adds the index `BY_NODE`. */
export function indexByNode(pods: Informer<Pod>): Informer<Pod> {
  return pods.addIndex(BY_NODE, ({ spec }) => (spec.nodeName ? [spec.nodeName] : []));
}
