/** Texts of the object tables. */
import { objects } from '../en/objects.ts';
import { objects as objectsZh } from '../zh-CN/objects.ts';

export const objectsText = { en: objects, 'zh-CN': objectsZh };
