/** Everything the simulated registries hold at the start. */
import { BASE_IMAGES } from '../container-runtime/images/base-catalogue.ts';
import { DATABASE_IMAGES } from '../container-runtime/images/database-catalogue.ts';
import type { ImageSpec } from '../container-runtime/images/image.ts';
import { SYSTEM_IMAGES } from '../container-runtime/images/system-catalogue.ts';
import { WEB_IMAGES } from '../container-runtime/images/web-catalogue.ts';

export const IMAGE_SPECS: readonly ImageSpec[] = [...SYSTEM_IMAGES, ...BASE_IMAGES, ...WEB_IMAGES, ...DATABASE_IMAGES];
