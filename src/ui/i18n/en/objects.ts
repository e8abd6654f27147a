/** The object tables, in English. */
import type { Messages } from '../text.ts';

export const objects = {
  kinds: 'Kinds',
  'kinds.filter': 'Filter kinds',
  core: 'core',
  filter: 'Filter {kind}',
  wide: 'More columns',
  namespace: 'Namespace',
  label: '{kind}',
  count: { one: '{n} object', other: '{n} objects' },
  countOf: '{shown} of {n}',
  'empty.kind': 'There are no objects of kind {kind}.',
  'empty.namespace': 'There are no objects of kind {kind} in namespace {namespace}.',
  'empty.filter': 'No {kind} fits “{filter}”.',
  'empty.clear': 'Clear the filter',
  'empty.all': 'Show all namespaces',
  'sort.up': 'ascending',
  'sort.down': 'descending',
  'kind.label': 'Kind',
} as const satisfies Messages;
