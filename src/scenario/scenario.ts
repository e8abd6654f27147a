/**
 * What the gallery shows of a scenario, and how its file becomes what a fresh cluster starts from. A scenario file is a
 * `Scenario` object (kubarium.dev/v1alpha1) followed by ordinary manifests.
 */
import type { KubernetesObject } from '../apimachinery/meta.ts';
import type { LocalText } from '../api/kubarium/scenario.ts';
import { DEFAULT_SEED, scenarioOf } from './header.ts';
import { readManifests } from './manifests.ts';
import type { ManifestError } from './manifests.ts';

/** What a scenario is about; the gallery filters by it. */
export type ScenarioTag = 'works' | 'breaks' | 'cost' | 'history';

/** A scenario of the gallery. */
export interface ScenarioCard {
  /** Its name, also in links: "node-dies". Equals `metadata.name` of the `Scenario` in `yaml`. */
  name: string;
  title: LocalText;
  /** One line. */
  summary: LocalText;
  tags: readonly ScenarioTag[];
  /** How long it takes to look at. */
  minutes: number;
  /** The file: the `Scenario` first, then manifests. */
  yaml: string;
}

/** Objects and seed of a scenario file. */
export interface ReadScenario {
  objects: KubernetesObject[];
  seed: number;
  errors: ManifestError[];
}

/** Reads a scenario file; the header comes first in `objects`, wherever it stands. Never throws. */
export function readScenario(yaml: string): ReadScenario {
  const { manifests, errors } = readManifests(yaml);
  const objects = manifests.map(({ object }) => object);
  const header = scenarioOf(objects);
  const seed = header?.spec?.seed;
  return {
    objects: header ? [header, ...objects.filter((object) => object !== header)] : objects,
    seed: typeof seed === 'number' ? seed : DEFAULT_SEED,
    errors,
  };
}
