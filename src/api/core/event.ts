/** The kind Event. */
import { defineResource } from '../resource.ts';
import type { Event } from '../generated/types.ts';

/** v1 Event. */
export const EventResource = defineResource<Event>({
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  namespaced: true,
  schema: 'core.v1.Event',
  columns: [],
});
