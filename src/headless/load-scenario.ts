/** Manifests from disk: one file, or every .yaml, .yml and .json of a folder in the order of their names. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { readManifests } from '../scenario/manifests.ts';

/** All objects. Throws an Error that names file and line of the first fault. */
export function loadScenario(path: string): KubernetesObject[] {
  const files = statSync(path).isDirectory()
    ? readdirSync(path)
        .filter((name) => /\.(ya?ml|json)$/.test(name))
        .sort()
        .map((name) => join(path, name))
    : [path];
  return files.flatMap((file) => {
    const { manifests, errors } = readManifests(readFileSync(file, 'utf8'));
    const [error] = errors;
    if (error !== undefined) throw new Error(`${file}:${error.line}:${error.column}: ${error.message}`);
    return manifests.map(({ object }) => object);
  });
}
