/** Small numbers as words: "Five components acted." reads better than "5 components acted." */
import { formatNumber } from './text.ts';
import type { Language } from './languages.ts';

const WORDS: Record<Language, readonly string[]> = {
  en: ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine', 'Ten', 'Eleven', 'Twelve'],
  'zh-CN': ['零', '一', '两', '三', '四', '五', '六', '七', '八', '九', '十', '十一', '十二'],
};

/** The word at the beginning of a sentence, or digits beyond twelve. */
export function numberWord(language: Language, value: number): string {
  return WORDS[language][value] ?? formatNumber(language, value);
}
