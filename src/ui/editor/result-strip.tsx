/** What the last command did, object by object: results in kubectl's words, the apiserver's messages with a way to the line, undo. */
import { Undo2, X } from 'lucide-react';
import { editorText } from '../i18n/areas/editor.ts';
import { useText } from '../i18n/text.ts';
import type { TextRange } from '../model/findings.ts';
import { Button, IconButton } from '../widgets/button.tsx';
import type { Outcome, RemarkedResult } from './outcome.ts';
import type { Shown } from './use-commands.ts';
import { undoable, summaryOf, toneOf } from './summary.ts';
import styles from './editor.module.css';

interface ResultStripProps {
  shown: Shown;
  onGo(range: TextRange): void;
  onUndo(): void;
  onClose(): void;
}

const GLYPHS = { ok: '✓', error: '✕', warning: '!' } as const;
const OUTCOMES = {
  apply: { created: 'created', configured: 'configured', unchanged: 'unchanged', failed: 'failed' },
  trial: { created: 'wouldCreate', configured: 'wouldChange', unchanged: 'wouldStay', failed: 'failed' },
} as const;
const UNDONE = { deleted: 'deleted', restored: 'restored', failed: 'notRestored' } as const;

/** The strip below the editor. */
export function ResultStrip({ shown, onGo, onUndo, onClose }: ResultStripProps) {
  const t = useText(editorText);
  const { outcome } = shown;
  const tone = toneOf(outcome);
  return (
    <section className={styles.result} aria-label={t('result')} data-tone={tone}>
      <header className={styles.resultHead}>
        <p className={styles.summary}>
          <span className={styles.glyph} data-tone={tone} aria-hidden>
            {GLYPHS[tone]}
          </span>
          {summaryOf(shown, t)}
          {outcome.kind === 'run' && outcome.run.revision !== undefined && (
            <span className={styles.muted}>{t('revision', { revision: outcome.run.revision })}</span>
          )}
        </p>
        {undoable(outcome) && (
          <Button icon={Undo2} onClick={onUndo}>
            {t('undo')}
          </Button>
        )}
        <IconButton icon={X} label={t('closeResult')} onClick={onClose} />
      </header>
      <ResultLines outcome={outcome} onGo={onGo} trial={shown.command !== 'apply'} />
    </section>
  );
}

function ResultLines({ outcome, onGo, trial }: { outcome: Outcome; onGo(range: TextRange): void; trial: boolean }) {
  const t = useText(editorText);
  if (outcome.kind === 'refused') {
    return (
      <ul className={styles.results}>
        {outcome.errors.map(({ line, column, message }, index) => (
          <li key={index} className={styles.remark} data-tone="error">
            <LineButton range={{ line, column, endLine: line, endColumn: column + 1 }} onGo={onGo} />
            <span className={styles.message}>{message}</span>
          </li>
        ))}
      </ul>
    );
  }
  if (outcome.kind === 'undone') {
    return (
      <ul className={styles.results}>
        {outcome.results.map(({ name, outcome: what, status }) => (
          <li key={name} data-tone={what === 'failed' ? 'error' : 'ok'}>
            <code>{name}</code> {t(UNDONE[what])} {status?.message}
          </li>
        ))}
      </ul>
    );
  }
  if (outcome.kind !== 'run') return null;
  return (
    <ul className={styles.results}>
      {outcome.results.map((result, index) => (
        <ResultLine key={index} result={result} trial={trial} onGo={onGo} />
      ))}
    </ul>
  );
}

function ResultLine({ result, trial, onGo }: { result: RemarkedResult; trial: boolean; onGo(range: TextRange): void }) {
  const t = useText(editorText);
  const words = trial ? OUTCOMES.trial : OUTCOMES.apply;
  const failed = result.outcome === 'failed';
  return (
    <li>
      <span className={styles.glyph} data-tone={failed ? 'error' : 'ok'} aria-hidden>
        {failed ? GLYPHS.error : result.outcome === 'unchanged' ? '=' : GLYPHS.ok}
      </span>
      <code>{result.name}</code> {t(words[result.outcome])}
      {result.remarks.length > 0 && (
        <ul>
          {result.remarks.map(({ tone, message, finding }, index) => (
            <li key={index} className={styles.remark} data-tone={tone}>
              <LineButton range={finding.range} onGo={onGo} />
              <span className={styles.message}>
                {tone === 'warning' && <span className={styles.muted}>{t('warning')}: </span>}
                {message}
              </span>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}

function LineButton({ range, onGo }: { range: TextRange; onGo(range: TextRange): void }) {
  const t = useText(editorText);
  return (
    <button type="button" className={styles.lineButton} title={t('goToLine', { n: range.line })} onClick={() => onGo(range)}>
      {t('line', { n: range.line })}
    </button>
  );
}
