/** Texts of the frame. */
import { shell } from '../en/shell.ts';
import { shell as shellZh } from '../zh-CN/shell.ts';

export const shellText = { en: shell, 'zh-CN': shellZh };
