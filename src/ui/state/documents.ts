/**
 * The texts that are open in the editor, where every panel can reach them without knowing the editor: any panel opens a text or an
 * object with `openInEditor`, and leads to a place with `goTo`.
 */
import { create } from 'zustand';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { TextRange } from '../model/findings.ts';
import { useUiState } from './ui-state.ts';

/** A text in a tab. */
export interface TextFile {
  id: string;
  /** "web.yaml" */
  name: string;
  text: string;
  /** The text as it was applied last; absent when it never was. */
  applied?: string;
}

/** The tab in front: a file, or the live object that is selected. */
export const LIVE_TAB = 'live';

/** A wish to see a place; `count` makes two equal wishes differ. */
export interface Jump {
  file: string;
  range: TextRange;
  count: number;
}

export interface DocumentsState {
  files: readonly TextFile[];
  /** Id of a file, `LIVE_TAB`, or "" when nothing is open. */
  active: string;
  jump: Jump | undefined;
  /** Adds a file and brings it to the front. A file of that name is replaced only when it is equal; otherwise the name gets a number. */
  open(name: string, text: string): string;
  close(id: string): void;
  activate(id: string): void;
  rename(id: string, name: string): void;
  setText(id: string, text: string): void;
  /** Notes that the text was applied. */
  setApplied(id: string, text: string): void;
  /** Brings a place of a file to the front. */
  goTo(file: string, range: TextRange): void;
  /** Puts stored files before those that were opened meanwhile. */
  restore(files: readonly TextFile[], active: string): void;
}

function freeName(files: readonly TextFile[], name: string): string {
  const taken = new Set(files.map((file) => file.name));
  if (!taken.has(name)) return name;
  const [, stem = name, ending = ''] = /^(.*?)(\.[^.]*)?$/.exec(name) ?? [];
  let number = 2;
  while (taken.has(`${stem}-${String(number)}${ending}`)) number++;
  return `${stem}-${String(number)}${ending}`;
}

function freeId(files: readonly TextFile[]): string {
  const numbers = files.map(({ id }) => Number(id.slice(1)) || 0);
  return `f${String(Math.max(0, ...numbers) + 1)}`;
}

const changed = (files: readonly TextFile[], id: string, change: Partial<TextFile>): readonly TextFile[] =>
  files.map((file) => (file.id === id ? { ...file, ...change } : file));

/** The store. Outside React: `useDocuments.getState()`. */
export const useDocuments = create<DocumentsState>()((set, get) => ({
  files: [],
  active: '',
  jump: undefined,
  open(name, text) {
    const { files } = get();
    const same = files.find((file) => file.name === name && file.text === text);
    if (same) {
      set({ active: same.id });
      return same.id;
    }
    const id = freeId(files);
    // An empty file in front was only a place to begin.
    const kept = files.filter((file) => file.id !== get().active || file.text.trim() !== '' || text === '');
    set({ files: [...kept, { id, name: freeName(kept, name), text }], active: id });
    return id;
  },
  close(id) {
    const { files, active } = get();
    const at = files.findIndex((file) => file.id === id);
    const rest = files.filter((file) => file.id !== id);
    set({ files: rest, active: active === id ? (rest[Math.min(at, rest.length - 1)]?.id ?? '') : active });
  },
  activate: (active) => set({ active }),
  rename: (id, name) =>
    set(({ files }) => ({
      files: changed(files, id, {
        name: freeName(
          files.filter((file) => file.id !== id),
          name,
        ),
      }),
    })),
  setText: (id, text) => set(({ files }) => ({ files: changed(files, id, { text }) })),
  setApplied: (id, applied) => set(({ files }) => ({ files: changed(files, id, { applied }) })),
  goTo: (file, range) => set(({ jump }) => ({ active: file, jump: { file, range, count: (jump?.count ?? 0) + 1 } })),
  restore: (stored, front) =>
    set(({ files, active }) => {
      const opened = files.map((file, index) => ({
        ...file,
        id: `f${String(Math.max(0, ...stored.map(({ id }) => Number(id.slice(1)) || 0)) + index + 1)}`,
      }));
      const activeAt = files.findIndex((file) => file.id === active);
      return { files: [...stored, ...opened], active: opened[activeAt]?.id ?? (active === LIVE_TAB ? active : front) };
    }),
}));

/**
 * Opens a text, or an object as a manifest (without status and what the server owns), in a new tab, and shows the editor.
 * `name` is the tab's name ("web.yaml"); an object names itself.
 */
export async function openInEditor(content: string | KubernetesObject, name?: string): Promise<void> {
  useUiState.getState().showPanel('right', 'editor');
  if (typeof content === 'string') {
    useDocuments.getState().open(name ?? 'new.yaml', content);
    return;
  }
  const { manifestText } = await import('../model/manifest-text.ts');
  useDocuments.getState().open(name ?? `${content.kind.toLowerCase()}-${content.metadata.name}.yaml`, manifestText(content));
}

/** Shows the live YAML of the selected object. */
export function showLive(): void {
  useUiState.getState().showPanel('right', 'editor');
  useDocuments.getState().activate(LIVE_TAB);
}
