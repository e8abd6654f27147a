/** Events, in Simplified Chinese. */
import type { Translation } from '../text.ts';
import type { events as english } from '../en/events.ts';

export const events: Translation<typeof english> = {
  label: '事件，最新的在前',
  type: '类型',
  'type.all': '全部',
  'type.Normal': 'Normal',
  'type.Warning': 'Warning',
  object: '按对象或文字筛选',
  selection: '仅选中的对象',
  group: '按原因分组',
  shown: { other: '{n} 个事件' },
  'empty.none': '还没有事件。',
  'empty.noneHint': '组件在行动时会写下事件：启动一个 Pod，看看谁做了什么。',
  'empty.filter': '没有符合条件的事件：{filter}。',
  'empty.clear': '清除筛选',
  times: '{count} 次',
  objects: { other: '{n} 个对象' },
};
