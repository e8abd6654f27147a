/**
 * Which names a CustomResourceDefinition gets: those that no other definition of its group has
 * (`k8s.io/apiextensions-apiserver/pkg/controller/status/naming_controller.go`).
 */
import { findCondition, setCondition } from '../../apimachinery/conditions.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import type { Condition, Time } from '../../apimachinery/meta.ts';
import type { CustomResourceDefinition, CustomResourceDefinitionNames } from '../../api/generated/types.ts';

/** `spec.names` with what defaulting fills in: definitions of older saves do not have it. */
function requestedNames({ spec }: CustomResourceDefinition): CustomResourceDefinitionNames {
  const { names } = spec;
  return { singular: names.kind.toLowerCase(), listKind: `${names.kind}List`, ...names };
}

/** The status of a definition beside the others of all groups; the same reference when it stays as it is. */
export function namedStatus(
  definition: CustomResourceDefinition,
  all: readonly CustomResourceDefinition[],
  now: Time,
): CustomResourceDefinition['status'] {
  const { spec, status } = definition;
  const { names, conflict } = acceptedNames(definition, all);
  const accepted: Condition =
    conflict === undefined
      ? { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' }
      : { type: 'NamesAccepted', status: 'False', ...conflict };
  const before = status?.conditions as readonly Condition[] | undefined;
  const conditions = setCondition(setCondition(before, accepted, now), established(before, conflict === undefined), now);
  const storedVersions = status?.storedVersions ?? spec.versions.filter(({ storage }) => storage).map(({ name }) => name);
  if (conditions === before && status?.storedVersions !== undefined && deepEqual(names, status.acceptedNames)) return status;
  return { ...status, acceptedNames: names, storedVersions, conditions } as CustomResourceDefinition['status'];
}

/** A definition that was established stays so, under the names that it has. */
function established(before: readonly Condition[] | undefined, isAccepted: boolean): Condition {
  const old = findCondition(before, 'Established');
  if (old?.status === 'True') return old;
  if (isAccepted)
    return { type: 'Established', status: 'True', reason: 'InitialNamesAccepted', message: 'the initial names have been accepted' };
  return old ?? { type: 'Established', status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' };
}

interface Conflict {
  readonly reason: string;
  readonly message: string;
}

function acceptedNames(
  definition: CustomResourceDefinition,
  all: readonly CustomResourceDefinition[],
): { names: CustomResourceDefinitionNames; conflict: Conflict | undefined } {
  const wanted = requestedNames(definition);
  const own = (definition.status?.acceptedNames ?? {}) as Partial<CustomResourceDefinitionNames>;
  const resources = new Set<string | undefined>();
  const kinds = new Set<string | undefined>();
  for (const { spec, status } of all) {
    if (spec.group !== definition.spec.group || status?.acceptedNames === undefined) continue;
    const { plural, singular, shortNames = [], kind, listKind } = status.acceptedNames;
    for (const name of [plural, singular, ...shortNames]) resources.add(name);
    for (const name of [kind, listKind]) kinds.add(name);
  }
  const names: Partial<CustomResourceDefinitionNames> = { ...own };
  let conflict: Conflict | undefined;
  const inUse = (name: string | undefined) => `${JSON.stringify(name)} is already in use`;
  const claim = (field: 'plural' | 'singular' | 'kind' | 'listKind', used: ReadonlySet<string | undefined>, reason: string) => {
    const name = wanted[field];
    if (name === own[field] || !used.has(name)) names[field] = name as string;
    else conflict = { reason, message: inUse(name) };
  };
  // The last conflict is the one that is told.
  claim('plural', resources, 'PluralConflict');
  claim('singular', resources, 'SingularConflict');
  const mine = new Set<string | undefined>([...(own.shortNames ?? []), own.plural, own.singular]);
  const taken = (wanted.shortNames ?? []).filter((name) => !mine.has(name) && resources.has(name)).map(inUse);
  if (taken.length === 0) names.shortNames = wanted.shortNames;
  else conflict = { reason: 'ShortNamesConflict', message: taken.length === 1 ? (taken[0] ?? '') : `[${taken.join(', ')}]` };
  claim('kind', kinds, 'KindConflict');
  claim('listKind', kinds, 'ListKindConflict');
  names.categories = wanted.categories;
  return {
    names: Object.fromEntries(Object.entries(names).filter(([, value]) => value !== undefined)) as unknown as CustomResourceDefinitionNames,
    conflict,
  };
}
