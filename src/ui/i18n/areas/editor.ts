/** Texts of the editor and its findings. */
import { editor } from '../en/editor.ts';
import { editor as editorZh } from '../zh-CN/editor.ts';

export const editorText = { en: editor, 'zh-CN': editorZh };
