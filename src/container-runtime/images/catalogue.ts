/** All images that can be pulled: the registries of the simulated world. */
import type { Executable } from '../../linux/process.ts';
import { Random } from '../../sim/random.ts';
import type { Image, ImageSpec } from './image.ts';
import type { Reference } from './reference.ts';
import { SYSTEM_IMAGES } from './system-catalogue.ts';
import { userImages } from './user-images.ts';

/** The content of the registries. One for the whole world. */
export class Catalogue {
  /** By repository; undefined where one has been taken away. What is not here may be an image of users' that everybody knows. */
  readonly #specs = new Map<string, ImageSpec | undefined>();
  readonly #images = new Map<string, Image>();
  readonly #digests = new Map<string, string>();
  readonly #natives = new Map<string, Map<string, Executable>>();
  /** Registries that exist beside those of the users' images: those with images, and the well-known. */
  readonly #registries = new Set(['docker.io', 'gcr.io', 'registry.k8s.io', 'quay.io', 'ghcr.io']);

  constructor() {
    for (const spec of SYSTEM_IMAGES) this.add(spec);
  }

  /** Adds or replaces a repository. Images pulled before keep what they were. */
  add(spec: ImageSpec): void {
    this.#specs.set(spec.repository, spec);
    this.#registries.add(spec.repository.split('/')[0] ?? '');
    for (const [name, image] of this.#images) if (image.spec.repository === spec.repository) this.#images.delete(name);
  }

  /** Takes a repository out of its registry. */
  remove(repository: string): void {
    this.#specs.set(repository, undefined);
  }

  /** Replaces a program of a repository's images by one written elsewhere: CoreDNS, an ingress controller. For containers started from now on. */
  provide(repository: string, program: string, executable: Executable): void {
    this.#nativesOf(repository).set(program, executable);
  }

  #nativesOf(repository: string): Map<string, Executable> {
    let natives = this.#natives.get(repository);
    if (natives === undefined) this.#natives.set(repository, (natives = new Map()));
    return natives;
  }

  /** What the registry answers. */
  resolve(reference: Reference): Image | 'no such registry' | 'no such repository' | 'no such tag' {
    const { repository, registry } = reference;
    const spec = this.#specs.has(repository) ? this.#specs.get(repository) : userImages.get().get(repository);
    if (spec === undefined) return this.#isRegistry(registry) ? 'no such repository' : 'no such registry';
    const tag = reference.digest === undefined ? reference.tag : this.#digests.get(reference.digest);
    if (tag === undefined || !new RegExp(`^(?:${spec.tags})$`).test(tag)) return 'no such tag';
    return this.#image(spec, tag);
  }

  #isRegistry(registry: string): boolean {
    if (this.#registries.has(registry)) return true;
    for (const repository of userImages.get().keys()) if (repository.startsWith(`${registry}/`)) return true;
    return false;
  }

  #image(spec: ImageSpec, tag: string): Image {
    const name = `${spec.repository}:${tag}`;
    let image = this.#images.get(name);
    if (image === undefined) {
      const digest = `sha256:${new Random(name).hex(64)}`;
      const layers = spec.layers.map(({ id, sizeBytes }) => ({ id: id.replace('{tag}', tag), sizeBytes }));
      image = {
        spec,
        tag,
        name,
        imageRef: `${spec.repository}@${digest}`,
        layers,
        sizeBytes: layers.reduce((sum, layer) => sum + layer.sizeBytes, 0),
        files: new Map(Object.entries(spec.files ?? {})),
        natives: this.#nativesOf(spec.repository),
      };
      this.#images.set(name, image);
      this.#digests.set(digest, tag);
    }
    return image;
  }
}
