/** The object tables, in Simplified Chinese. */
import type { Translation } from '../text.ts';
import type { objects as english } from '../en/objects.ts';

export const objects: Translation<typeof english> = {
  kinds: '种类',
  'kinds.filter': '筛选种类',
  core: 'core',
  filter: '筛选 {kind}',
  wide: '更多列',
  namespace: '命名空间',
  label: '{kind}',
  count: { other: '{n} 个对象' },
  countOf: '{n} 个中的 {shown} 个',
  'empty.kind': '没有 {kind} 类型的对象。',
  'empty.namespace': '命名空间 {namespace} 中没有 {kind} 类型的对象。',
  'empty.filter': '没有符合“{filter}”的 {kind}。',
  'empty.clear': '清除筛选',
  'empty.all': '显示所有命名空间',
  'sort.up': '升序',
  'sort.down': '降序',
  'kind.label': '种类',
};
