/** Puts `Image` objects into the simulated registries, so that users can add images of their own. */
import { ImageResource } from '../api/kubarium/image.ts';
import { InformerFactory } from '../client/informer.ts';
import type { Client } from '../client/client.ts';
import type { Catalogue } from '../container-runtime/images/catalogue.ts';
import type { TaskScope } from '../sim/task-scope.ts';
import { userWorld } from './late-parts.ts';

/** Watches Images and keeps the catalogue in step. */
export class ImageSync {
  readonly #informers: InformerFactory;

  constructor(scope: TaskScope, client: Client, catalogue: Catalogue) {
    this.#informers = new InformerFactory(scope, client);
    this.#informers.informer(ImageResource).addHandler({
      add: (image) =>
        userWorld
          .get()
          .imageSpecsOf(image)
          .forEach((spec) => catalogue.add(spec)),
      update: (image) =>
        userWorld
          .get()
          .imageSpecsOf(image)
          .forEach((spec) => catalogue.add(spec)),
      delete: (image) =>
        userWorld
          .get()
          .imageSpecsOf(image)
          .forEach(({ repository }) => catalogue.remove(repository)),
    });
  }

  start(): void {
    this.#informers.start();
  }
}
