/** Actions on objects, in Simplified Chinese. */
import type { Translation } from '../text.ts';
import type { objectActions as english } from '../en/object-actions.ts';

export const objectActions: Translation<typeof english> = {
  scaleUp: '增加一个副本',
  scaleDown: '减少一个副本',
  restart: '重新滚动发布',
  cordon: '停止调度新的 Pod (cordon)',
  uncordon: '恢复调度 (uncordon)',
  stopNode: '停止节点',
  startNode: '启动节点',
  delete: '删除',
  'done.scaleUp': '{name} 增加了一个副本。',
  'done.scaleDown': '{name} 减少了一个副本。',
  'done.restart': '{name} 正在重新发布。',
  'done.cordon': '{name} 不再接收新的 Pod。',
  'done.uncordon': '{name} 重新接收 Pod。',
  'done.stopNode': '{name} 已停止。宽限期过后 Kubernetes 才会察觉。',
  'done.startNode': '{name} 正在启动。',
  'done.delete': '{name} 已删除。',
  labelled: '{action}（{name}）',
  undo: '撤销',
};
