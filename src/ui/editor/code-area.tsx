/** The place where the file in front is edited: Monaco once it is there, until then the text as it is, and a plain editor if Monaco does not come. */
import { useEffect, useRef, useState } from 'react';
import { editorText } from '../i18n/areas/editor.ts';
import { useLanguage, useText } from '../i18n/text.ts';
import { useDocuments } from '../state/documents.ts';
import type { TextFile } from '../state/documents.ts';
import { useUiState } from '../state/ui-state.ts';
import { Button } from '../widgets/button.tsx';
import type { TextEditorHandle, TextEditorOptions, WordedFinding } from './editor-handle.ts';
import { useConnectionState } from '../cluster/hooks.ts';
import { loadMonaco } from './monaco/load.ts';
import { createPlainEditor } from './plain-editor.ts';
import styles from './editor.module.css';

interface CodeAreaProps {
  file: TextFile;
  findings: readonly WordedFinding[];
  /** Whether something else lies over the editor. */
  hidden: boolean;
  onApply(): void;
  /** Tells the editor once it is there, and undefined when it goes. */
  onHandle(handle: TextEditorHandle | undefined): void;
}

/** Lets the first picture be drawn before several MB are fetched. */
function whenIdle(run: () => void): () => void {
  if (typeof requestIdleCallback !== 'function') {
    const timer = setTimeout(run, 300);
    return () => clearTimeout(timer);
  }
  const handle = requestIdleCallback(run, { timeout: 1500 });
  return () => cancelIdleCallback(handle);
}

/** Longest wait for the cluster, ms: a text can be written without one. */
const PATIENCE_MS = 3000;

/** Whether the cluster has started, or will not soon: Monaco would take the processor from it when both have to be read and compiled. */
function useClusterFirst(): boolean {
  const { phase } = useConnectionState();
  const [waited, setWaited] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setWaited(true), phase === 'connecting' ? PATIENCE_MS : 0);
    return () => clearTimeout(timer);
  }, [phase]);
  return waited;
}

/** Makes the editor in the element. Monaco's own texts cannot change while it runs, so a change of language does not make it anew. */
function useEditor(options: TextEditorOptions, onHandle: CodeAreaProps['onHandle']) {
  const language = useLanguage();
  const host = useRef<HTMLDivElement>(null);
  const latest = useRef({ options, onHandle, language });
  const [handle, setHandle] = useState<TextEditorHandle>();
  const [plain, setPlain] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const mayBegin = useClusterFirst();
  useEffect(() => {
    latest.current = { options, onHandle, language };
  });
  useEffect(() => {
    if (!mayBegin) return;
    let made: TextEditorHandle | undefined;
    let gone = false;
    const stable: TextEditorOptions = {
      ...latest.current.options,
      onChange: (id, text) => latest.current.options.onChange(id, text),
      onApply: () => latest.current.options.onApply(),
    };
    const take = (editor: TextEditorHandle) => {
      made = editor;
      setHandle(editor);
      latest.current.onHandle(editor);
    };
    const begin = async () => {
      try {
        const { editors } = await loadMonaco(latest.current.language);
        if (!gone && host.current) take(editors.text(host.current, stable));
      } catch {
        if (gone || !host.current) return;
        setPlain(true);
        take(createPlainEditor(host.current, stable, styles.plain ?? ''));
      }
    };
    const stop = whenIdle(() => void begin());
    return () => {
      gone = true;
      stop();
      made?.dispose();
      setHandle(undefined);
      setPlain(false);
      latest.current.onHandle(undefined);
    };
  }, [attempt, mayBegin]);
  return { host, handle, plain, tryAgain: () => setAttempt((count) => count + 1) };
}

/** The editor of the file in front. */
export function CodeArea({ file, findings, hidden, onApply, onHandle }: CodeAreaProps) {
  const t = useText(editorText);
  const label = t('editorOf', { name: file.name });
  const { setText } = useDocuments.getState();
  const { host, handle, plain, tryAgain } = useEditor({ label, applyLabel: t('apply'), onChange: setText, onApply }, onHandle);
  useEffect(() => handle?.show(file.id, file.text), [handle, file.id, file.text]);
  useEffect(() => handle?.relabel(label), [handle, label]);
  const textScale = useUiState(({ presenting, textSize }) => (presenting ? `presenting ${String(textSize)}` : String(textSize)));
  // The page's own type changes first (appearance.ts).
  useEffect(() => {
    const timer = setTimeout(() => handle?.resize());
    return () => clearTimeout(timer);
  }, [handle, textScale]);
  useEffect(() => handle?.setFindings(file.id, findings), [handle, file.id, findings]);
  const jump = useDocuments((state) => state.jump);
  const jumped = useRef(0);
  useEffect(() => {
    if (!handle || !jump || hidden || jump.file !== file.id || jump.count === jumped.current) return;
    jumped.current = jump.count;
    handle.reveal(jump.range);
  }, [handle, jump, file.id, hidden]);
  const files = useDocuments((state) => state.files);
  const known = useRef(files);
  useEffect(() => {
    for (const { id } of known.current) if (!files.some((other) => other.id === id)) handle?.forget(id);
    known.current = files;
  }, [files, handle]);
  return (
    <div className={styles.code} hidden={hidden}>
      {plain && (
        <p className={styles.note}>
          {t('plainEditor')} <Button onClick={tryAgain}>{t('tryAgain')}</Button>
        </p>
      )}
      {!handle && (
        <pre className={styles.waiting} aria-busy="true" aria-label={t('loading')}>
          {file.text.slice(0, 10_000)}
        </pre>
      )}
      <div ref={host} className={styles.host} aria-describedby="editor-help">
        {handle && file.text === '' && <p className={styles.placeholder}>{t('placeholder')}</p>}
      </div>
      <p id="editor-help" className={styles.hiddenText}>
        {t('editorHelp', { keys: 'Ctrl+Enter / ⌘+Enter' })}
      </p>
    </div>
  );
}
