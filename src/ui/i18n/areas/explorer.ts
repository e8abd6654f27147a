/** Texts of the explorer. */
import { explorer } from '../en/explorer.ts';
import { explorer as explorerZh } from '../zh-CN/explorer.ts';

export const explorerText = { en: explorer, 'zh-CN': explorerZh };
