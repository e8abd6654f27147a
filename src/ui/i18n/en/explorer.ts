/** Texts of the explorer, in English. */
import type { Messages } from '../text.ts';

export const explorer = {
  filter: 'Filter by name',
  workloads: 'Workloads',
  network: 'Network',
  config: 'Configuration',
  storage: 'Storage',
  cluster: 'Cluster',
  playground: 'Playground',
  more: { one: 'and {n} more', other: 'and {n} more' },
} as const satisfies Messages;
