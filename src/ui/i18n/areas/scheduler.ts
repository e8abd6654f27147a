/** Texts of the scheduler view. */
import { scheduler } from '../en/scheduler.ts';
import { scheduler as schedulerZh } from '../zh-CN/scheduler.ts';

export const schedulerText = { en: scheduler, 'zh-CN': schedulerZh };
