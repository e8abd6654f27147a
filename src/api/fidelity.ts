/**
 * "Implement it, or say that you don't": texts for the fields of an object that are stored with no effect in the
 * simulation. The table is each kind's `notSimulated`; the apiserver sends the texts as warnings, the editor and
 * docs/fidelity.md read the same table.
 */
import type { KubernetesObject } from '../apimachinery/meta.ts';

/** A field that an object sets and the simulation ignores. */
export interface NotSimulatedField {
  /** As the user finds it: "spec.containers[0].securityContext.seccompProfile". */
  field: string;
  /** The entry of the table: "spec.containers[*].securityContext.seccompProfile". */
  entry: string;
}

/** A table of paths as a tree, so that one walk over the object serves all paths. */
interface Tree {
  entry?: string;
  readonly children: Map<string, Tree>;
}

const trees = new WeakMap<readonly string[], Tree>();
/** Sub-objects that were walked with the same branch of the tree before and had nothing: shared pod specs. */
const clean = new WeakMap<Tree, WeakSet<object>>();

function treeOf(paths: readonly string[]): Tree {
  const known = trees.get(paths);
  if (known) return known;
  const root: Tree = { children: new Map() };
  for (const path of paths) {
    let node = root;
    for (const part of path.replaceAll('[*]', '.*').split('.')) {
      let next = node.children.get(part);
      if (!next) node.children.set(part, (next = { children: new Map() }));
      node = next;
    }
    node.entry = path;
  }
  trees.set(paths, root);
  return root;
}

/** Whether a value says anything: defaults such as `{}`, `[]`, false and "" do not. */
function isSet(value: unknown): boolean {
  if (value === undefined || value === null || value === false || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}

function visit(value: unknown, tree: Tree, path: string, found: NotSimulatedField[]): void {
  if (tree.entry !== undefined) {
    if (isSet(value)) found.push({ field: path, entry: tree.entry });
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if (clean.get(tree)?.has(value)) return;
  const before = found.length;
  for (const [part, child] of tree.children) {
    if (part !== '*') visit((value as Record<string, unknown>)[part], child, path ? `${path}.${part}` : part, found);
    else for (const [key, item] of Object.entries(value)) visit(item, child, `${path}[${key}]`, found);
  }
  if (found.length > before || !Object.isFrozen(value)) return;
  let remembered = clean.get(tree);
  if (!remembered) clean.set(tree, (remembered = new WeakSet()));
  remembered.add(value);
}

/** The fields of `object` that have no effect. `resource` is its kind's definition. */
export function notSimulatedFields(resource: { notSimulated: readonly string[] }, object: KubernetesObject): NotSimulatedField[] {
  if (resource.notSimulated.length === 0) return [];
  const found: NotSimulatedField[] = [];
  visit(object, treeOf(resource.notSimulated), '', found);
  return found;
}

/** One text a field, for `Warning` headers: "spec.hostIPC is stored but not simulated". */
export function notSimulatedWarnings(resource: { notSimulated: readonly string[] }, object: KubernetesObject): string[] {
  return notSimulatedFields(resource, object).map(({ field }) => `${field} is stored but not simulated`);
}
