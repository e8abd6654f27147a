/** The kind PriorityClass. */
import { withDefaults } from '../defaulting.ts';
import { ageColumn, nameColumn } from '../columns.ts';
import { immutable, oneOf } from '../validation/common.ts';
import { forbiddenField } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import { defineResource } from '../resource.ts';
import type { PriorityClass } from '../generated/types.ts';

const HIGHEST_USER_VALUE = 1_000_000_000;
/** Classes that every cluster has, whether or not their objects are there yet (`SystemPriorityClasses`). */
export const SYSTEM_PRIORITIES: Readonly<Record<string, number>> = {
  'system-cluster-critical': 2_000_000_000,
  'system-node-critical': 2_000_001_000,
};

/** `ValidatePriorityClass`: names and values of the system's own classes are reserved. */
function validatePriorityClass({ metadata, value = 0, preemptionPolicy }: PriorityClass): FieldError[] {
  const errors: FieldError[] = [];
  if (metadata.name.startsWith('system-')) {
    if (SYSTEM_PRIORITIES[metadata.name] !== value) {
      const why = `priority class names with 'system-' prefix are reserved for system use only. error: ${metadata.name} is not a known system priority class`;
      errors.push(forbiddenField('metadata.name', why));
    }
  } else if (value > HIGHEST_USER_VALUE) {
    errors.push(forbiddenField('value', `maximum allowed value of a user defined priority is ${HIGHEST_USER_VALUE}`));
  }
  return [...errors, ...oneOf('preemptionPolicy', preemptionPolicy, ['PreemptLowerPriority', 'Never'])];
}

/** scheduling.k8s.io/v1 PriorityClass. */
export const PriorityClassResource = defineResource<PriorityClass>({
  group: 'scheduling.k8s.io',
  version: 'v1',
  kind: 'PriorityClass',
  plural: 'priorityclasses',
  shortNames: ['pc'],
  namespaced: false,
  schema: 'scheduling.v1.PriorityClass',
  defaults: (priorityClass) => withDefaults(priorityClass, { preemptionPolicy: 'PreemptLowerPriority' }),
  validate: validatePriorityClass,
  validateUpdate: (next, old) => [
    ...(next.value === old.value ? [] : [forbiddenField('value', 'may not be changed in an update.')]),
    ...immutable('preemptionPolicy', next.preemptionPolicy, old.preemptionPolicy),
  ],
  generation: true,
  columns: [
    nameColumn,
    { name: 'Value', type: 'integer', value: ({ value }) => value ?? 0 },
    { name: 'Global-Default', type: 'boolean', value: ({ globalDefault }) => globalDefault ?? false },
    ageColumn,
    { name: 'PreemptionPolicy', value: ({ preemptionPolicy }) => preemptionPolicy ?? '' },
  ],
});
