/** Texts of small components. */
import { widgets } from '../en/widgets.ts';
import { widgets as widgetsZh } from '../zh-CN/widgets.ts';

export const widgetsText = { en: widgets, 'zh-CN': widgetsZh };
