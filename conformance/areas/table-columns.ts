/** Columns of tables: {resource, group} -> {columns: [{name, type, format, priority}]}. */
import { ALL_RESOURCES } from '../../src/api/index.ts';
import type { Area } from '../area.ts';

export const run: Area['run'] = (input) => {
  const { resource, group } = input as { resource: string; group: string };
  const definition = ALL_RESOURCES.find((candidate) => candidate.plural === resource && candidate.group === group);
  if (!definition) throw new Error(`no such resource: ${resource}.${group}`);
  return {
    columns: definition.columns.map(({ name, type = 'string', format = '', priority = 0 }) => ({ name, type, format, priority })),
  };
};
