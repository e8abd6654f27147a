/** Events, in English. */
import type { Messages } from '../text.ts';

export const events = {
  label: 'Events, newest first',
  type: 'Type',
  'type.all': 'All',
  'type.Normal': 'Normal',
  'type.Warning': 'Warning',
  object: 'Filter by object or text',
  selection: 'Selected object only',
  group: 'Group by reason',
  shown: { one: '{n} event', other: '{n} events' },
  'empty.none': 'No events yet.',
  'empty.noneHint': 'Components write events when they act: start a Pod and watch who does what.',
  'empty.filter': 'No event fits: {filter}.',
  'empty.clear': 'Clear the filter',
  times: '{count}×',
  objects: { one: '{n} object', other: '{n} objects' },
} as const satisfies Messages;
