/** Texts of the view "Control loop". */
import { loop } from '../en/loop.ts';
import { loop as loopZh } from '../zh-CN/loop.ts';

export const loopText = { en: loop, 'zh-CN': loopZh };
