/**
 * The kubarium.dev kinds as the rest of the house wants them: field tables for decoding and apply, JSON schemas for the
 * editor. Both are made of the tables that stand beside the kinds. No generated file is imported, since the generator reads this one.
 */
import { clockTypes } from './clock.ts';
import { faultTypes } from './fault.ts';
import { imageTypes } from './image.ts';
import { lessonProgressTypes } from './lesson-progress.ts';
import { packetTraceTypes } from './packet-trace.ts';
import { scenarioTypes } from './scenario.ts';
import { schedulerPluginTypes } from './scheduler-plugin.ts';
import { schedulingDecisionTypes } from './scheduling-decision-facts.ts';
import { trafficGeneratorTypes } from './traffic-generator.ts';
import type { DescribedFact, DescribedFacts, DescribedTypes } from './facts.ts';

const PREFIX = 'kubarium.v1alpha1.';
const KINDS = [
  'Clock',
  'Fault',
  'Image',
  'LessonProgress',
  'PacketTrace',
  'Scenario',
  'SchedulerPlugin',
  'SchedulingDecision',
  'TrafficGenerator',
];

/** All types of kubarium.dev by full name. */
export const KUBARIUM_TYPES: DescribedTypes = {
  ...clockTypes,
  ...faultTypes,
  ...imageTypes,
  ...lessonProgressTypes,
  ...packetTraceTypes,
  ...scenarioTypes,
  ...schedulerPluginTypes,
  ...schedulingDecisionTypes,
  ...trafficGeneratorTypes,
};

/** A JSON schema (draft 7). */
type Schema = Readonly<Record<string, unknown>>;

/** A kind for the editor. */
export interface EditorSchema {
  apiVersion: string;
  kind: string;
  schema: Schema;
}

const METADATA: Schema = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    generateName: { type: 'string' },
    namespace: { type: 'string' },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    annotations: { type: 'object', additionalProperties: { type: 'string' } },
  },
};

function shapeOf(fact: DescribedFact): Schema {
  switch (fact.type) {
    case 'object':
      return fact.ref?.startsWith(PREFIX) ? closed(KUBARIUM_TYPES[fact.ref] ?? {}) : METADATA;
    case 'array':
      return { type: 'array', items: fact.items ? schemaOf(fact.items) : {} };
    case 'map':
      return { type: 'object', additionalProperties: fact.items ? schemaOf(fact.items) : true };
    case 'any':
      return {};
    case 'intOrString':
    case 'quantity':
      return { type: ['string', 'number'] };
    case 'time':
    case 'microTime':
      return { type: 'string', format: 'date-time' };
    case 'bytes':
      return { type: 'string' };
    default:
      return { type: fact.type, ...(fact.enum && { enum: fact.enum }) };
  }
}

function schemaOf(fact: DescribedFact): Schema {
  return { ...shapeOf(fact), ...(fact.description && { description: fact.description }) };
}

/** An object that takes no other fields, so that a misspelt one is underlined. */
function closed(facts: DescribedFacts): Schema {
  const required = Object.entries(facts).flatMap(([name, { required: must }]) => (must ? [name] : []));
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, schemaOf(fact)])),
    ...(required.length > 0 && { required }),
  };
}

/** JSON schemas of the kinds, for the editor. */
export const editorSchemas: readonly EditorSchema[] = KINDS.map((kind) => ({
  apiVersion: 'kubarium.dev/v1alpha1',
  kind,
  schema: closed(KUBARIUM_TYPES[`${PREFIX}${kind}`] ?? {}),
}));
