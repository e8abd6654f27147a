/** Puts the images that users run into the simulated registries. */
import { BASE_IMAGES } from './base-catalogue.ts';
import { DATABASE_IMAGES } from './database-catalogue.ts';
import { DOCUMENTATION_IMAGES } from './documentation-catalogue.ts';
import { userImages } from './user-images.ts';
import { WEB_IMAGES } from './web-catalogue.ts';

/** Call once per process, before containers of users run. */
export function installUserImages(): void {
  const specs = [...BASE_IMAGES, ...WEB_IMAGES, ...DATABASE_IMAGES, ...DOCUMENTATION_IMAGES];
  userImages.install(new Map(specs.map((spec) => [spec.repository, spec])));
}
