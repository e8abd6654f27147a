/** The field tables of every kind: those of Kubernetes and those of kubarium.dev. */
import { TYPES } from '../../../api/generated/field-facts.ts';
import type { FieldFact, TypeFacts } from '../../../api/generated/field-facts.ts';
import { clockTypes } from '../../../api/kubarium/clock.ts';
import { faultTypes } from '../../../api/kubarium/fault.ts';
import { imageTypes } from '../../../api/kubarium/image.ts';
import { lessonProgressTypes } from '../../../api/kubarium/lesson-progress.ts';
import { packetTraceTypes } from '../../../api/kubarium/packet-trace.ts';
import { scenarioTypes } from '../../../api/kubarium/scenario.ts';

const KUBARIUM: Readonly<Record<string, TypeFacts>> = {
  ...clockTypes,
  ...faultTypes,
  ...imageTypes,
  ...lessonProgressTypes,
  ...packetTraceTypes,
  ...scenarioTypes,
};

/** The fields of a type, by its short name ("core.v1.PodSpec"). */
export function fieldsOf(type: string | undefined): TypeFacts | undefined {
  return type === undefined ? undefined : (TYPES[type] ?? KUBARIUM[type]);
}

/** The type of the objects that a field holds, directly or as items of a list. */
export function objectTypeOf(fact: FieldFact | undefined): string | undefined {
  if (fact?.type === 'object') return fact.ref;
  return fact?.type === 'array' ? objectTypeOf(fact.items) : undefined;
}
