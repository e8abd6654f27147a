/** The YAML editor: open files, the text with its findings, Apply, Diff and Dry run, and the selected object as it is. */
import { Play } from 'lucide-react';
import { lazy, Suspense, useCallback, useEffect, useRef } from 'react';
import { useMedia } from '../app/use-media.ts';
import { editorText } from '../i18n/areas/editor.ts';
import { useText } from '../i18n/text.ts';
import { announce } from '../state/announcer.ts';
import { LIVE_TAB, useDocuments } from '../state/documents.ts';
import type { TextFile } from '../state/documents.ts';
import { useUiState } from '../state/ui-state.ts';
import { Button } from '../widgets/button.tsx';
import { EmptyState } from '../widgets/empty-state.tsx';
import { applyEdits } from './analysis/edits.ts';
import { CodeArea } from './code-area.tsx';
import { ComparisonView } from './comparison-view.tsx';
import type { TextEditorHandle, WordedFinding } from './editor-handle.ts';
import { EXAMPLES } from './examples.ts';
import { FileBar } from './file-bar.tsx';
import { keepFiles } from './file-storage.ts';
import { Outline } from './outline.tsx';
import { ResultStrip } from './result-strip.tsx';
import { summaryOf } from './summary.ts';
import { findingsOf, useAnalyst, usePublishedProblems, useWordedFindings } from './use-analyses.ts';
import { useCommands } from './use-commands.ts';
import type { Shown } from './use-commands.ts';
import { useStandings } from './use-standing.ts';
import styles from './editor.module.css';

const LiveView = lazy(async () => ({ default: (await import('./live-view.tsx')).LiveView }));

/** The panel. A phone can only read: Monaco does not support touch. */
export function Panel() {
  const phone = useMedia('(max-width: 767px)');
  useEffect(() => {
    void keepFiles(() => useDocuments.getState().open('new.yaml', ''));
  }, []);
  return phone ? <Reading /> : <Editing />;
}

function Reading() {
  const t = useText(editorText);
  const file = useDocuments(({ files, active }) => files.find(({ id }) => id === active) ?? files[0]);
  return (
    <div className={styles.panel}>
      <p className={styles.note}>{t('onPhone')}</p>
      <pre className={styles.waiting} aria-label={file?.name} tabIndex={0}>
        {file?.text}
      </pre>
    </div>
  );
}

function Editing() {
  const t = useText(editorText);
  useAnalyst();
  const files = useDocuments((state) => state.files);
  const active = useDocuments((state) => state.active);
  const current = files.find(({ id }) => id === active);
  const handle = useRef<TextEditorHandle>(undefined);
  const worded = useWordedFindings();
  const commands = useCommands();
  const { progress, shown, close } = commands;

  const textOf = useCallback((file: TextFile): string => {
    const front = useDocuments.getState().active === file.id ? handle.current?.getText() : undefined;
    return front ?? file.text;
  }, []);
  const repair = useCallback((id: string, { fix }: WordedFinding) => {
    if (!fix) return;
    const { active: front, files: all, setText, activate } = useDocuments.getState();
    if (front === id && handle.current) return handle.current.applyEdits(fix.edits);
    const file = all.find((other) => other.id === id);
    if (file) setText(id, applyEdits(file.text, fix.edits));
    activate(id);
  }, []);
  usePublishedProblems(worded, repair);

  const run = async (command: 'apply' | 'diff' | 'dryRun') => {
    const file = useDocuments.getState().files.find(({ id }) => id === useDocuments.getState().active);
    if (file) say(await commands[command](file.id, textOf(file)));
  };
  const say = (result: Shown | undefined) => {
    if (result) announce(summaryOf(result, t), 'editor');
  };
  // What was done stays until it is closed; what only would be is stale with the next key.
  const done = shown?.command === 'undo' || (shown?.command === 'apply' && shown.outcome.kind === 'run');
  const result = shown && shown.file === active && (done || shown.text === current?.text) ? shown : undefined;
  const comparison = result?.comparison;
  const onHandle = useCallback((editor: TextEditorHandle | undefined) => {
    handle.current = editor;
  }, []);

  return (
    <div className={styles.panel}>
      <FileBar files={files} active={active} standings={useStandings()} textOf={textOf} />
      <div className={styles.body} role="tabpanel" id="editor-panel" aria-labelledby={`editor-tab-${active}`}>
        {active === LIVE_TAB && (
          <Suspense fallback={<EmptyState title={t('working')} />}>
            <LiveView />
          </Suspense>
        )}
        {!current && active !== LIVE_TAB && <NothingOpen />}
        {current && (
          <Outline
            file={current.id}
            onGo={(line) => useDocuments.getState().goTo(current.id, { line, column: 1, endLine: line, endColumn: 1 })}
          />
        )}
        {files.length > 0 && (
          <CodeArea
            file={current ?? files[0] ?? { id: '', name: '', text: '' }}
            findings={findingsOf(worded, current?.id ?? files[0]?.id ?? '')}
            hidden={!current || comparison !== undefined}
            onApply={() => void run('apply')}
            onHandle={onHandle}
          />
        )}
        {current && result && comparison && (
          <ComparisonView comparison={comparison} left={result.command === 'diff' ? 'live' : 'written'} onClose={close} />
        )}
      </div>
      {result && !(comparison && result.command === 'diff') && (
        <ResultStrip
          shown={result}
          onGo={(range) => {
            if (comparison) close();
            useDocuments.getState().goTo(result.file, range);
          }}
          onUndo={() => void commands.undo().then(say)}
          onClose={close}
        />
      )}
      {current && <CommandBar findings={findingsOf(worded, current.id)} progress={progress} onRun={(command) => void run(command)} />}
    </div>
  );
}

function NothingOpen() {
  const t = useText(editorText);
  const { open } = useDocuments.getState();
  return (
    <EmptyState
      title={t('nothingOpen')}
      actions={
        <>
          <Button look="primary" onClick={() => open('new.yaml', '')}>
            {t('newFile')}
          </Button>
          {EXAMPLES.slice(0, 1).map(({ title, name, text }) => (
            <Button key={title} onClick={() => open(name, text)}>
              {t(title as 'exampleJob')}
            </Button>
          ))}
        </>
      }
    >
      <p>{t('nothingOpenMore')}</p>
    </EmptyState>
  );
}

interface CommandBarProps {
  findings: readonly WordedFinding[];
  progress: ReturnType<typeof useCommands>['progress'];
  onRun(command: 'apply' | 'diff' | 'dryRun'): void;
}

function CommandBar({ findings, progress, onRun }: CommandBarProps) {
  const t = useText(editorText);
  const busy = progress !== undefined;
  const blocked = findings.filter(({ grade }) => grade === 'blocks').length;
  const text =
    progress?.command === 'apply' && progress.total > 1 ? t('applying', { done: progress.done, total: progress.total }) : t('working');
  return (
    <footer className={styles.commands}>
      {findings.length > 0 && !busy && (
        <Button
          look="plain"
          className={styles.problems}
          data-tone={blocked > 0 ? 'error' : 'warning'}
          aria-label={t('problems', { n: findings.length })}
          title={t('problems', { n: findings.length })}
          onClick={() => useUiState.getState().showPanel('bottom', 'problems')}
        >
          {blocked > 0 ? '✕' : '!'} {findings.length}
        </Button>
      )}
      {busy && <span className={styles.muted}>{text}</span>}
      <span className={styles.grow} />
      <Button disabled={busy} onClick={() => onRun('diff')}>
        {t('diff')}
      </Button>
      <Button disabled={busy} onClick={() => onRun('dryRun')}>
        {t('dryRun')}
      </Button>
      <Button
        look="primary"
        icon={Play}
        disabled={busy}
        aria-keyshortcuts="Control+Enter Meta+Enter"
        title="Ctrl+Enter / ⌘+Enter"
        onClick={() => onRun('apply')}
      >
        {t('apply')}
      </Button>
    </footer>
  );
}
