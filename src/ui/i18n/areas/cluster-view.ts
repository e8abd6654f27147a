/** Texts of the cluster view. */
import { clusterView } from '../en/cluster-view.ts';
import { clusterView as clusterViewZh } from '../zh-CN/cluster-view.ts';

export const clusterViewText = { en: clusterView, 'zh-CN': clusterViewZh };
