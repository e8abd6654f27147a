/**
 * The images on one node, and pulls: one at a time, only the layers that are missing, at the node's bandwidth.
 * Errors are containerd's (`core/remotes/docker/resolver.go`, `client/pull.go`).
 */
import type { TaskScope } from '../../sim/task-scope.ts';
import type { PullResult, RuntimeImage } from '../cri.ts';
import type { Catalogue } from './catalogue.ts';
import type { Image } from './image.ts';
import { parseReference, type Reference } from './reference.ts';

/** Asking the registry for the manifest, in ms. */
const RESOLVE_MS = 200;
/** How long a dial to a registry that is down takes. */
const DOWN_MS = 10_000;
/** Bytes per second. */
const DEFAULT_BANDWIDTH = 50_000_000;

interface Pull {
  readonly image: string;
  readonly reference: Reference;
  readonly done: (result: PullResult) => void;
}

/** Images and layers of one node. */
export class ImageStore {
  /** Bytes per second. */
  bandwidth = DEFAULT_BANDWIDTH;
  registryDown = false;
  readonly #catalogue: Catalogue;
  readonly #scope: () => TaskScope;
  readonly #images = new Map<string, Image>();
  readonly #layers = new Map<string, number>();
  #queue: Pull[] = [];

  constructor(catalogue: Catalogue, scope: () => TaskScope) {
    this.#catalogue = catalogue;
    this.#scope = scope;
  }

  /** An image that is here, by any reference to it. */
  find(image: string): Image | undefined {
    const reference = parseReference(image);
    if ('error' in reference) return undefined;
    const exact = this.#images.get(reference.full);
    if (exact !== undefined || reference.digest === undefined) return exact;
    const ref = `${reference.repository}@${reference.digest}`;
    for (const known of this.#images.values()) if (known.imageRef === ref) return known;
    return undefined;
  }

  list(): readonly RuntimeImage[] {
    return [...this.#images.values()].map(describe);
  }

  status(image: string): RuntimeImage | undefined {
    const found = this.find(image);
    return found === undefined ? undefined : describe(found);
  }

  /** Puts an image on the node without a pull, as a node's installation does. Returns whether it exists. */
  preload(image: string): boolean {
    const reference = parseReference(image);
    const found = 'error' in reference ? undefined : this.#catalogue.resolve(reference);
    if (found === undefined || typeof found === 'string') return false;
    this.#keep(found);
    return true;
  }

  /** Deletes an image and the layers that no other image has. */
  remove(image: string): void {
    const found = this.find(image);
    if (found === undefined) return;
    this.#images.delete(found.name);
    const needed = new Set([...this.#images.values()].flatMap((other) => other.layers.map((layer) => layer.id)));
    for (const { id } of found.layers) if (!needed.has(id)) this.#layers.delete(id);
  }

  pull(image: string, done: (result: PullResult) => void): void {
    const reference = parseReference(image);
    if ('error' in reference) {
      const message = `Failed to apply default image tag "${image}": couldn't parse image name "${image}": ${reference.error}`;
      this.#scope().post('pull fails', image, () => done({ reason: 'InvalidImageName', message }));
      return;
    }
    this.#queue.push({ image, reference, done });
    if (this.#queue.length === 1) this.#next();
  }

  /** Forgets waiting pulls, as a reboot does. */
  reset(): void {
    this.#queue = [];
  }

  #next(): void {
    const pull = this.#queue[0];
    if (pull === undefined) return;
    if (this.registryDown) {
      this.#scope().after(DOWN_MS, 'pull fails', pull.image, () => this.#finish(pull, downError(pull.reference)));
      return;
    }
    this.#scope().after(RESOLVE_MS, 'manifest resolved', pull.image, () => this.#download(pull));
  }

  #download(pull: Pull): void {
    const found = this.#catalogue.resolve(pull.reference);
    if (typeof found === 'string') {
      this.#finish(pull, registryError(pull.reference, found));
      return;
    }
    let bytes = 0;
    for (const { id, sizeBytes } of found.layers) if (!this.#layers.has(id)) bytes += sizeBytes;
    const downloadMs = Math.ceil((bytes / this.bandwidth) * 1000);
    this.#scope().after(downloadMs, 'pulled', pull.image, () => {
      this.#keep(found);
      this.#finish(pull, { imageRef: found.imageRef, sizeBytes: found.sizeBytes, pullMs: RESOLVE_MS + downloadMs });
    });
  }

  #finish(pull: Pull, result: PullResult): void {
    this.#queue.shift();
    this.#next();
    pull.done(result);
  }

  #keep(image: Image): void {
    this.#images.set(image.name, image);
    for (const { id, sizeBytes } of image.layers) this.#layers.set(id, sizeBytes);
  }
}

const describe = (image: Image): RuntimeImage => ({ names: [image.imageRef, image.name], sizeBytes: image.sizeBytes });

const REGISTRY_HOSTS: Readonly<Record<string, string>> = { 'docker.io': 'registry-1.docker.io' };

/** The manifest's address, as it stands in errors. */
function manifestUrl({ registry, repository, tag, digest }: Reference): string {
  return `https://${REGISTRY_HOSTS[registry] ?? registry}/v2/${repository.slice(registry.length + 1)}/manifests/${digest ?? tag ?? ''}`;
}

const unresolved = (full: string, why: string): string =>
  `failed to pull and unpack image "${full}": failed to resolve reference "${full}": ${why}`;

function downError(reference: Reference): PullResult {
  const host = REGISTRY_HOSTS[reference.registry] ?? reference.registry;
  const why = `failed to do request: Head "${manifestUrl(reference)}": dial tcp: lookup ${host}: i/o timeout`;
  return { reason: 'ErrImagePull', message: unresolved(reference.full, why), code: 'Unknown' };
}

function registryError(reference: Reference, why: 'no such registry' | 'no such repository' | 'no such tag'): PullResult {
  const { full, registry } = reference;
  if (why === 'no such registry') {
    const text = `failed to do request: Head "${manifestUrl(reference)}": dial tcp: lookup ${registry}: no such host`;
    return { reason: 'ErrImagePull', message: unresolved(full, text), code: 'Unknown' };
  }
  if (why === 'no such repository' && registry === 'docker.io') {
    const text =
      'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed';
    return { reason: 'ErrImagePull', message: unresolved(full, text), code: 'Unknown' };
  }
  return { reason: 'ErrImagePull', message: unresolved(full, `${full}: not found`), code: 'NotFound' };
}
