/** Rows of tables: {kind, object, now} -> {cells}. */
import { ALL_RESOURCES } from '../../src/api/index.ts';
import { parseTime } from '../../src/apimachinery/durations.ts';
import type { Area } from '../area.ts';
import type { KubernetesObject } from '../../src/apimachinery/meta.ts';

export const run: Area['run'] = (input) => {
  const { kind, object, now } = input as { kind: string; object: KubernetesObject; now: string };
  const definition = ALL_RESOURCES.find((candidate) => candidate.kind === kind);
  if (!definition) throw new Error(`no such kind: ${kind}`);
  return { cells: definition.columns.map(({ value }) => value(object, parseTime(now))) };
};
