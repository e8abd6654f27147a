/** Texts of small components, in Simplified Chinese. */
import type { widgets as english } from '../en/widgets.ts';
import type { Translation } from '../text.ts';

export const widgets: Translation<typeof english> = {
  close: '关闭',
  copy: '复制',
  copied: '已复制',
  'changes.path': '字段',
  'changes.before': '之前',
  'changes.after': '之后',
  'changes.absent': '无',
};
