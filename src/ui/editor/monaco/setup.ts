/** Everything that needs Monaco, as one chunk: started once, then the three kinds of editor. */
import './features.ts';
import EditorWorker from 'monaco-editor/editor/editor.worker?worker';
import { createComparison } from './comparison-editor.ts';
import { createReader } from './reader.ts';
import { offerSchema } from './schema.ts';
import { createTextEditor } from './text-editor.ts';
import { followTheme } from './themes.ts';

self.MonacoEnvironment = { getWorker: () => new EditorWorker() };

/** Makes editors, in the page's theme, with completion from the cluster's schema. */
export const editors = {
  text: (...args: Parameters<typeof createTextEditor>) => {
    followTheme();
    offerSchema();
    return createTextEditor(...args);
  },
  comparison: (...args: Parameters<typeof createComparison>) => {
    followTheme();
    return createComparison(...args);
  },
  reader: (...args: Parameters<typeof createReader>) => {
    followTheme();
    return createReader(...args);
  },
};
