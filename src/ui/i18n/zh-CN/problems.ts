/** Texts of the list of problems, in Simplified Chinese. */
import type { problems as english } from '../en/problems.ts';
import type { Translation } from '../text.ts';

export const problems: Translation<typeof english> = {
  none: '没有发现问题。',
  noneMore: '编辑器在清单中发现的问题会列在这里。',
  error: '无法应用',
  warning: '可以接受，但是',
  info: '说明',
};
