/**
 * ImageLocality: prefers nodes that have the pod's images already (`plugins/imagelocality/image_locality.go`).
 * sum = Σ over the pod's images on the node of trunc(size · nodes with the image / all nodes);
 * score = 100 · (clamp(sum, 23 MiB, 1000 MiB · containers) - 23 MiB) / (1000 MiB · containers - 23 MiB), truncated.
 * An image of 300 MiB that 1 of 2 nodes has, one container: 100 · (150 - 23) / (1000 - 23) = 12.
 */
import type { ImageState } from '../cache/node-info.ts';
import type { Handle, Plugin } from '../framework/interface.ts';
import { MAX_NODE_SCORE } from '../framework/interface.ts';

const MIB = 1024 * 1024;
const MIN_THRESHOLD = 23 * MIB;
const MAX_CONTAINER_THRESHOLD = 1000 * MIB;

/** Makes the ImageLocality plugin. */
export function imageLocality(_args: unknown, { snapshot }: Handle): Plugin {
  // Which of the images are on any node at all: asked once per kind of pod, not once per node.
  let known: { images: readonly string[]; version: number; states: readonly ImageState[] } | undefined;
  const statesOf = (images: readonly string[]): readonly ImageState[] => {
    const { version } = snapshot.images;
    if (known?.images !== images || known.version !== version) {
      known = { images, version, states: images.flatMap((name) => snapshot.images.get(name) ?? []) };
    }
    return known.states;
  };
  return {
    name: 'ImageLocality',
    events: [],
    score(_state, { facts }, { name }) {
      const states = statesOf(facts.images);
      if (states.length === 0) return 0;
      const allNodes = snapshot.nodes.length;
      let sum = 0;
      for (const { sizeBytes, nodes } of states) if (nodes.has(name)) sum += Math.trunc(sizeBytes * (nodes.size / allNodes));
      const max = MAX_CONTAINER_THRESHOLD * facts.images.length;
      const clamped = Math.min(Math.max(sum, MIN_THRESHOLD), max);
      return Math.trunc((MAX_NODE_SCORE * (clamped - MIN_THRESHOLD)) / (max - MIN_THRESHOLD));
    },
  };
}
