/** Texts of the inspector. */
import { inspector } from '../en/inspector.ts';
import { inspector as inspectorZh } from '../zh-CN/inspector.ts';

export const inspectorText = { en: inspector, 'zh-CN': inspectorZh };
