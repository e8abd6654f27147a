/** The languages of the interface. */

/** BCP 47 tags. */
export const LANGUAGES = ['en', 'zh-CN'] as const;
/** A language of the interface. */
export type Language = (typeof LANGUAGES)[number];
/** What each language calls itself. */
export const LANGUAGE_NAMES: Record<Language, string> = { en: 'English', 'zh-CN': '简体中文' };
