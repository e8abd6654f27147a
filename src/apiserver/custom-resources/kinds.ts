/** The place of what makes served kinds of CustomResourceDefinitions: without a definition, a cluster does not need it. */
import { LatePart } from '../../apimachinery/late-part.ts';
import type { conversionOf } from './convert.ts';
import type { customDefinition } from './definition.ts';
import type { namedStatus } from './naming.ts';

/** See the functions themselves. */
export interface CustomKinds {
  readonly customDefinition: typeof customDefinition;
  readonly conversionOf: typeof conversionOf;
  readonly namedStatus: typeof namedStatus;
}

/** Kinds of CustomResourceDefinitions. */
export const customKinds = new LatePart<CustomKinds>('the kinds of CustomResourceDefinitions');
