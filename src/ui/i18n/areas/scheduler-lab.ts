/** Texts of the scheduler view's pages beside the decision. */
import { schedulerLab } from '../en/scheduler-lab.ts';
import { schedulerLab as schedulerLabZh } from '../zh-CN/scheduler-lab.ts';

export const schedulerLabText = { en: schedulerLab, 'zh-CN': schedulerLabZh };
