/**
 * Facts about fields that are in no npm package, committed under `data/`: how lists and maps merge (from the apply configurations of
 * client-go, Apache-2.0) and which values a string may have. They are keyed by definition name and field; "" stands for the type itself.
 */
import fs from 'node:fs';

/** How one field merges. */
export interface MergeFact {
  list?: 'map' | 'set' | 'atomic';
  keys?: string[];
  map?: 'atomic' | 'granular';
  /** Strategic merge patch: key and strategy ("merge", "replace", "retainKeys", "merge,retainKeys"). */
  smpKey?: string;
  smp?: string;
  default?: unknown;
  /** Unions and other facts that nothing reads yet. */
  [other: string]: unknown;
}

/** All committed facts. */
export interface Facts {
  merge: Record<string, Record<string, MergeFact>>;
  /** Keyed by "apps/v1.DeploymentStrategy", then by field. */
  enums: Record<string, Record<string, string[]>>;
}

const read = (file: string): unknown => JSON.parse(fs.readFileSync(new URL(`./data/${file}`, import.meta.url), 'utf8'));

/** Reads the committed facts. */
export function readFacts(): Facts {
  return {
    merge: read('k8s-field-facts.json') as Facts['merge'],
    enums: read('k8s-enums.json') as Facts['enums'],
  };
}

const GROUP_SUFFIXES = [
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'certificates.k8s.io',
  'discovery.k8s.io',
  'networking.k8s.io',
  'resource.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
];

/** The values of a type's fields, by full definition name. */
export function enumsOf(facts: Facts, definition: string): Record<string, string[]> {
  const [group = '', version = '', kind = ''] = definition.split('.').slice(-3);
  const longGroup = GROUP_SUFFIXES.find((name) => name.startsWith(`${group}.`)) ?? group;
  const key = group === 'core' ? `${version}.${kind}` : `${longGroup}/${version}.${kind}`;
  return facts.enums[key] ?? {};
}
