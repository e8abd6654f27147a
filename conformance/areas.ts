/**
 * The one list of conformance areas. Modules are loaded when a suite asks for them, so that one that does not load
 * fails its own cases only.
 */
import type { Area } from './area.ts';

export const areas: Readonly<Record<string, () => Promise<Area>>> = {
  'env-expansion': () => import('./areas/env-expansion.ts'),
  'field-selector': () => import('./areas/field-selector.ts'),
  'human-duration': () => import('./areas/human-duration.ts'),
  'label-selector': () => import('./areas/label-selector.ts'),
  'name-validation': () => import('./areas/name-validation.ts'),
  'patch-real-types': () => import('./areas/patch-real-types.ts'),
  'pod-template-hash': () => import('./areas/pod-template-hash.ts'),
  quantity: () => import('./areas/quantity.ts'),
  'server-side-apply': () => import('./areas/server-side-apply.ts'),
  'strategic-merge-patch': () => import('./areas/strategic-merge-patch.ts'),
};
