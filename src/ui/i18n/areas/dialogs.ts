/** Texts of the dialogs. */
import { dialogs } from '../en/dialogs.ts';
import { dialogs as dialogsZh } from '../zh-CN/dialogs.ts';

export const dialogsText = { en: dialogs, 'zh-CN': dialogsZh };
