/** Titles of panels, in English. */
import type { Messages } from '../text.ts';

export const panels = {
  cluster: 'Cluster',
  packets: 'Packets',
  scheduler: 'Scheduler',
  loop: 'Control loop',
  store: 'Store',
  objects: 'Objects',
  explorer: 'Explorer',
  editor: 'Editor',
  inspector: 'Inspector',
  events: 'Events',
  problems: 'Problems',
} as const satisfies Messages;
