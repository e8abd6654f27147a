/** Reads a client-node package into names, resources and definitions. */
import { makeDefinitions } from './definitions.ts';
import type { Definitions } from './definitions.ts';
import { readModels } from './models.ts';
import { nameModels } from './names.ts';
import type { Names } from './names.ts';
import { readResources } from './resources.ts';
import type { Resource } from './resources.ts';

/** What a release's API consists of. */
export interface Source {
  names: Names;
  resources: Resource[];
  definitions: Definitions;
}

/** Reads the package at `clientNode` (its root folder), with texts from the package at `kubernetesTypes`. */
export function readSource(clientNode: string, kubernetesTypes: string): Source {
  const genFolder = `${clientNode}/dist/gen`;
  const models = readModels(genFolder);
  const resources = [...readResources(genFolder).values()];
  const names = nameModels(models, resources, kubernetesTypes);
  return { names, resources, definitions: makeDefinitions(models, names, kubernetesTypes) };
}
