/** Actions on objects, in English. */
import type { Messages } from '../text.ts';

export const objectActions = {
  scaleUp: 'Add one replica',
  scaleDown: 'Remove one replica',
  restart: 'Restart the rollout',
  cordon: 'Cordon: no new pods',
  uncordon: 'Uncordon',
  stopNode: 'Stop the node',
  startNode: 'Start the node',
  delete: 'Delete',
  'done.scaleUp': '{name} has one replica more.',
  'done.scaleDown': '{name} has one replica less.',
  'done.restart': '{name} is rolled out again.',
  'done.cordon': '{name} takes no new pods.',
  'done.uncordon': '{name} takes pods again.',
  'done.stopNode': '{name} was stopped. Kubernetes notices after its grace period.',
  'done.startNode': '{name} starts.',
  'done.delete': '{name} was deleted.',
  labelled: '{action} ({name})',
  undo: 'Undo',
} as const satisfies Messages;
