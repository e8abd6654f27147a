/** The place of the images that users run: an idle cluster runs those of Kubernetes itself (system-catalogue.ts). */
import { LatePart } from '../../apimachinery/late-part.ts';
import type { ImageSpec } from './image.ts';

/** By repository. */
export const userImages = new LatePart<ReadonlyMap<string, ImageSpec>>('the images of users');
