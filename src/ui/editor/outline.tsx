/** The objects of the file in front, by kind and name, each a way to its line. */
import { useState } from 'react';
import { editorText } from '../i18n/areas/editor.ts';
import { useText } from '../i18n/text.ts';
import type { Finding, ObjectInfo } from '../model/findings.ts';
import { useAnalyses } from './analyses.ts';
import styles from './editor.module.css';

/** More lines are neither read nor drawn within a frame. */
const MOST = 300;

/** One object is said in a line; more fold out, and are only made when they do: a large paste has thousands. */
export function Outline({ file, onGo }: { file: string; onGo(line: number): void }) {
  const t = useText(editorText);
  const analysis = useAnalyses((state) => state.byFile[file]?.analysis);
  const [unfolded, setUnfolded] = useState(false);
  const objects = analysis?.objects ?? [];
  if (objects.length === 0) return null;
  const lines = (
    <ul className={styles.outlineList}>
      {objects.slice(0, MOST).map((object) => (
        <li key={`${String(object.document)}${object.path}`}>
          <button type="button" onClick={() => onGo(object.line)}>
            <span className={styles.kind}>{object.kind}</span>
            <span className={styles.objectName}>{object.namespace ? `${object.namespace}/${object.name}` : object.name}</span>
            <Mark object={object} findings={analysis?.findings ?? []} />
            <span className={styles.muted}>{t('line', { n: object.line })}</span>
          </button>
        </li>
      ))}
      {objects.length > MOST && <li className={styles.muted}>{t('outlineMore', { n: objects.length - MOST })}</li>}
    </ul>
  );
  return (
    <nav className={styles.outline} aria-label={t('outline')}>
      {objects.length === 1 ? (
        lines
      ) : (
        <details onToggle={(event) => setUnfolded(event.currentTarget.open)}>
          <summary>{t('objects', { n: objects.length })}</summary>
          {unfolded && lines}
        </details>
      )}
    </nav>
  );
}

function Mark({ object, findings }: { object: ObjectInfo; findings: readonly Finding[] }) {
  const t = useText(editorText);
  const own = findings.filter(({ range }) => range.line >= object.line && range.line <= object.endLine);
  if (own.length === 0) return null;
  const blocked = own.some(({ grade }) => grade === 'blocks');
  return (
    <span className={styles.glyph} data-tone={blocked ? 'error' : 'warning'} title={t('problems', { n: own.length })}>
      <span aria-hidden>{blocked ? '✕' : '!'}</span>
      <span className={styles.hiddenText}>{t('problems', { n: own.length })}</span>
    </span>
  );
}
