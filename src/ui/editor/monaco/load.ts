/** Brings Monaco, which is larger than all the rest, when an editor is first shown. */
import type { Language } from '../../i18n/languages.ts';
import type * as Setup from './setup.ts';

let loading: Promise<typeof Setup> | undefined;

/** Loads Monaco in the reader's language. Its own texts keep the language of the first load until the page is loaded again. */
export function loadMonaco(language: Language): Promise<typeof Setup> {
  loading ??= (async () => {
    try {
      if (language === 'zh-CN') await import('monaco-editor/nls/lang/zh-cn');
      return await import('./setup.ts');
    } catch (error) {
      loading = undefined; // a chunk that did not arrive may arrive the next time
      throw error;
    }
  })();
  return loading;
}
