/** Texts of the explorer, in Simplified Chinese. */
import type { explorer as english } from '../en/explorer.ts';
import type { Translation } from '../text.ts';

export const explorer: Translation<typeof english> = {
  filter: '按名称筛选',
  workloads: '工作负载',
  network: '网络',
  config: '配置',
  storage: '存储',
  cluster: '集群',
  playground: '实验场',
  more: { other: '还有 {n} 个' },
};
