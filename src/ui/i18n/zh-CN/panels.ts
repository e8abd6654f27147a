/** Titles of panels, in Simplified Chinese. */
import type { panels as english } from '../en/panels.ts';
import type { Translation } from '../text.ts';

export const panels: Translation<typeof english> = {
  cluster: '集群',
  packets: '数据包',
  scheduler: '调度器',
  loop: '控制循环',
  store: '存储',
  objects: '对象',
  explorer: '资源树',
  editor: '编辑器',
  inspector: '详情',
  events: '事件',
  problems: '问题',
};
