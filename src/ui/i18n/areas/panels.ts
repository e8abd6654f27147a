/** Titles of panels. */
import { panels } from '../en/panels.ts';
import { panels as panelsZh } from '../zh-CN/panels.ts';

export const panelsText = { en: panels, 'zh-CN': panelsZh };
