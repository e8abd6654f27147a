/** Texts of the list of problems. */
import { problems } from '../en/problems.ts';
import { problems as problemsZh } from '../zh-CN/problems.ts';

export const problemsText = { en: problems, 'zh-CN': problemsZh };
