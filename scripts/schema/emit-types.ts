/**
 * Writes TypeScript interfaces for the kinds served and all they refer to. Names are Kubernetes' own; where two groups have a type of
 * the same name, the group that comes first in `PRECEDENCE` keeps it and the other gets a prefix (`EventsV1Event`).
 * What meta.ts in apimachinery declares is imported from there. Root kinds extend KubernetesObject, and their spec is required.
 */
import { DEFINITIONS, INT_OR_STRING, MICRO_TIME, QUANTITY, TIME } from './definitions.ts';
import type { Definitions, Schema } from './definitions.ts';
import { apiVersionOf, reachableFrom } from './scope.ts';
import type { Root } from './scope.ts';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.';

/** Declared by hand in src/apimachinery/meta.ts. */
const FROM_META = ['Condition', 'LabelSelector', 'ListMeta', 'ManagedFieldsEntry', 'ObjectMeta', 'OwnerReference', 'Time'];

const PRECEDENCE = ['.core.', '.apps.', '.rbac.', '.authentication.', '.admissionregistration.'];

/** Kinds of which only the newer version gets a type. */
const OLDER_VERSIONS = new Set(['io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler']);

/** Fields that upstream's OpenAPI calls optional, but that every valid object has. A root kind's spec is one too. */
const ALWAYS_PRESENT = new Set([
  'JobTemplateSpec.spec',
  'PersistentVolumeClaimTemplate.spec',
  'PodTemplateSpec.spec',
  'ReplicaSetSpec.template',
  'ReplicationControllerSpec.template',
]);

const SCALAR_TYPES: Record<string, string> = {
  [QUANTITY]: 'Quantity',
  [INT_OR_STRING]: 'IntOrString',
  [TIME]: 'Time',
  [MICRO_TIME]: 'Time',
};

/** The text of `types.ts`. */
export function emitTypes(definitions: Definitions, roots: readonly Root[], head: string): string {
  const typed = roots.filter((root) => !OLDER_VERSIONS.has(root.name));
  const reachable = reachableFrom([...typed.map((root) => root.name), `${META}DeleteOptions`], definitions);
  const names = typeNames(reachable);
  const rootOf = new Map(typed.map((root) => [root.name, root]));
  const imports = FROM_META.map((name) => (name === 'ObjectMeta' ? 'KubernetesObject, Input, ObjectMeta' : name))
    .join(', ')
    .split(', ')
    .sort();
  const blocks = [...names]
    .sort(([, a], [, b]) => (a < b ? -1 : 1))
    .map(([name, typeName]) => emitInterface(typeName, definitions[name] ?? {}, rootOf.get(name), names, rootOf));
  return [
    head,
    `import type { ${imports.join(', ')} } from '../../apimachinery/meta.ts';\n`,
    `export type { ${FROM_META.join(', ')} } from '../../apimachinery/meta.ts';\n`,
    '/** `resource.Quantity` as the API writes it ("100m", "1Gi"). */\nexport type Quantity = string;\n',
    '/** `intstr.IntOrString`: a number, or a name or percentage. */\nexport type IntOrString = number | string;\n',
    ...blocks,
  ].join('\n');
}

function typeNames(reachable: ReadonlySet<string>): Map<string, string> {
  const rank = (name: string): string => {
    const index = PRECEDENCE.findIndex((part) => name.includes(part));
    return `${index < 0 ? PRECEDENCE.length : index} ${name}`;
  };
  const names = new Map<string, string>();
  const taken = new Set<string>();
  for (const name of [...reachable].sort((a, b) => (rank(a) < rank(b) ? -1 : 1))) {
    if (name in SCALAR_TYPES || FROM_META.some((known) => name === META + known)) continue;
    const [group = '', version = '', kind = ''] = name.split('.').slice(-3);
    const typeName = taken.has(kind) ? capitalised(group) + capitalised(version) + kind : kind;
    taken.add(typeName);
    names.set(name, typeName);
  }
  return names;
}

const capitalised = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

function emitInterface(
  typeName: string,
  definition: Schema,
  root: Root | undefined,
  names: ReadonlyMap<string, string>,
  roots: ReadonlyMap<string, Root>,
): string {
  const lines = [`export interface ${typeName}${root ? ' extends KubernetesObject' : ''} {`];
  if (root) lines.push(`  apiVersion: '${apiVersionOf(root)}';`, `  kind: '${root.kind}';`);
  const required = new Set(definition.required);
  for (const [field, schema] of Object.entries(definition.properties ?? {})) {
    if (root && ['apiVersion', 'kind', 'metadata'].includes(field)) continue;
    const present = required.has(field) || (root && field === 'spec') || ALWAYS_PRESENT.has(`${typeName}.${field}`);
    const mark = present ? '' : '?';
    const key = /^[A-Za-z_$][\w$]*$/.test(field) ? field : `'${field}'`;
    lines.push(`  ${key}${mark}: ${typeOf(schema, names, roots)};`);
  }
  return `${docOf(definition)}${lines.join('\n')}\n}\n`;
}

/** The first sentence of a type's text. */
function docOf(definition: Schema): string {
  const sentence = /^[\s\S]*?[.!?](?=\s|$)/.exec(definition.description ?? '')?.[0] ?? '';
  return sentence && sentence.length < 200 ? `/** ${sentence.replace(/\s+/g, ' ').replaceAll('*/', '* /')} */\n` : '';
}

function typeOf(schema: Schema, names: ReadonlyMap<string, string>, roots: ReadonlyMap<string, Root>): string {
  if (schema.$ref) {
    const name = schema.$ref.slice(DEFINITIONS.length);
    // Metadata inside a template is what a user wrote; nothing has filled it.
    if (name === `${META}ObjectMeta`) return 'Partial<ObjectMeta>';
    const typeName = SCALAR_TYPES[name] ?? names.get(name) ?? name.slice(META.length);
    return roots.has(name) ? `Input<${typeName}>` : typeName;
  }
  if (schema.items) {
    return `${typeOf(schema.items, names, roots)}[]`;
  }
  if (typeof schema.additionalProperties === 'object') return `Record<string, ${typeOf(schema.additionalProperties, names, roots)}>`;
  switch (schema.type) {
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'string':
      return 'string';
    default:
      return 'unknown';
  }
}
