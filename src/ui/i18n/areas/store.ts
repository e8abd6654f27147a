/** Texts of the view "Store". */
import { store } from '../en/store.ts';
import { store as storeZh } from '../zh-CN/store.ts';

export const storeText = { en: store, 'zh-CN': storeZh };
