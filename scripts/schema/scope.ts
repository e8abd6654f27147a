/**
 * Which part of the API Kubarium serves: the stable versions of these groups, as they were in the release that is modelled.
 * Fields and types of later releases are in the models too; `newer-fields.json` names them.
 */
import fs from 'node:fs';
import { DEFINITIONS } from './definitions.ts';
import type { Definitions, Schema } from './definitions.ts';
import type { GroupVersionKind, Names } from './names.ts';

/** The Kubernetes release whose behaviour is modelled. */
export const RELEASE = '1.33';

const GROUPS = new Set([
  '',
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'apps',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'policy',
  'rbac.authorization.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
]);

/** Objects that are only sent to a subresource, and so are not resources themselves. */
const SUBRESOURCE_KINDS: [name: string, gvk: GroupVersionKind][] = [
  ['io.k8s.api.autoscaling.v1.Scale', { group: 'autoscaling', version: 'v1', kind: 'Scale' }],
  ['io.k8s.api.policy.v1.Eviction', { group: 'policy', version: 'v1', kind: 'Eviction' }],
  ['io.k8s.api.authentication.v1.TokenRequest', { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest' }],
];

/** Fields that are newer than the release modelled, by full type name; `["*"]` where the whole type is. */
export type NewerFields = Record<string, string[]>;

/** Reads the committed list. */
export function readNewerFields(): NewerFields {
  return JSON.parse(fs.readFileSync(new URL('./data/newer-fields.json', import.meta.url), 'utf8')) as NewerFields;
}

/** A kind that is served, with the full name of its definition. */
export interface Root extends GroupVersionKind {
  name: string;
  /** False for Scale, Eviction and TokenRequest, which exist only as subresources. */
  stored: boolean;
}

/** The kinds served, in order of group and kind. */
export function rootsOf(names: Names, newer: NewerFields): Root[] {
  const roots: Root[] = SUBRESOURCE_KINDS.map(([name, gvk]) => ({ ...gvk, name, stored: false }));
  for (const [model, gvk] of names.gvk) {
    const name = names.full.get(model) ?? '';
    if (!GROUPS.has(gvk.group) || !/^v\d+$/.test(gvk.version) || gvk.kind.endsWith('List')) continue;
    if (newer[name]?.[0] !== '*') roots.push({ ...gvk, name, stored: true });
  }
  const key = (root: Root): string => `${root.group}/${root.version}/${root.kind}`;
  return roots.sort((a, b) => (key(a) < key(b) ? -1 : 1));
}

/** Full names of all types that these types refer to, themselves included. */
export function reachableFrom(start: Iterable<string>, definitions: Definitions): Set<string> {
  const seen = new Set<string>();
  const visit = (name: string): void => {
    const definition = definitions[name];
    if (!definition || seen.has(name)) return;
    seen.add(name);
    for (const schema of Object.values(definition.properties ?? {})) for (const reference of referencesIn(schema)) visit(reference);
  };
  for (const name of start) visit(name);
  return seen;
}

function referencesIn(schema: Schema): string[] {
  if (schema.$ref) return [schema.$ref.slice(DEFINITIONS.length)];
  if (schema.items) return referencesIn(schema.items);
  return typeof schema.additionalProperties === 'object' ? referencesIn(schema.additionalProperties) : [];
}

/** "apps/v1", or "v1" for the core group. */
export function apiVersionOf(gvk: { group: string; version: string }): string {
  return gvk.group ? `${gvk.group}/${gvk.version}` : gvk.version;
}
