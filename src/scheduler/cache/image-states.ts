/** Which images lie on which nodes, by name (`pkg/scheduler/backend/cache/cache.go`, addNodeImageStates). */
import type { ContainerImage } from '../../api/generated/types.ts';
import type { ImageState } from './node-info.ts';

/** The images of all nodes. The size of an image is the one that the first node reported. */
export class ImageStates {
  readonly #states = new Map<string, ImageState>();
  /** Grows when an image appears somewhere for the first time or is gone from everywhere. */
  version = 0;

  get(name: string): ImageState | undefined {
    return this.#states.get(name);
  }

  /** Replaces the images of a node; returns its images by name. */
  set(
    nodeName: string,
    old: readonly ContainerImage[] | undefined,
    next: readonly ContainerImage[] | undefined,
  ): ReadonlyMap<string, ImageState> {
    const names = new Map<string, ImageState>();
    for (const image of next ?? []) {
      for (const name of image.names ?? []) names.set(name, this.#add(name, image.sizeBytes ?? 0, nodeName));
    }
    for (const image of old ?? []) {
      for (const name of image.names ?? []) if (!names.has(name)) this.#remove(name, nodeName);
    }
    return names;
  }

  #add(name: string, sizeBytes: number, nodeName: string): ImageState {
    let state = this.#states.get(name);
    if (state === undefined) {
      this.#states.set(name, (state = { sizeBytes, nodes: new Set<string>() }));
      this.version++;
    }
    state.nodes.add(nodeName);
    return state;
  }

  #remove(name: string, nodeName: string): void {
    const state = this.#states.get(name);
    state?.nodes.delete(nodeName);
    if (state?.nodes.size !== 0) return;
    this.#states.delete(name);
    this.version++;
  }
}
