/** Diff and Dry run: two texts, what changed marked with colour and with − and +. */
import { X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { editorText } from '../i18n/areas/editor.ts';
import { useLanguage, useText } from '../i18n/text.ts';
import { IconButton } from '../widgets/button.tsx';
import { EmptyState } from '../widgets/empty-state.tsx';
import type { Comparison } from './comparison.ts';
import { loadMonaco } from './monaco/load.ts';
import styles from './editor.module.css';

interface ComparisonViewProps {
  comparison: Comparison;
  left: 'live' | 'written';
  onClose(): void;
}

/** The comparison, over the editor. */
export function ComparisonView({ comparison, left, onClose }: ComparisonViewProps) {
  const t = useText(editorText);
  const labels = left === 'live' ? { before: t('sideLive'), after: t('sideAfter') } : { before: t('sideWritten'), after: t('sideStored') };
  const same = comparison.before === comparison.after;
  return (
    <section className={styles.over} aria-label={t(left === 'live' ? 'diffTitle' : 'dryRunTitle')}>
      <header className={styles.overHead}>
        <p className={styles.legend}>
          <span className={styles.removed}>− {labels.before}</span>
          <span className={styles.added}>+ {labels.after}</span>
        </p>
        <IconButton icon={X} label={t('closeResult')} onClick={onClose} />
      </header>
      {same && comparison.failures.length === 0 && <EmptyState title={t(left === 'live' ? 'sameAsLive' : 'sameAsWritten')} />}
      {comparison.failures.length > 0 && (
        <ul className={styles.results}>
          {comparison.failures.map(({ name, message }) => (
            <li key={name} data-tone="error">
              <code>{name}</code> {t('notCompared')}: {message}
            </li>
          ))}
        </ul>
      )}
      {!same && <Texts comparison={comparison} labels={labels} />}
    </section>
  );
}

function Texts({ comparison: { before, after }, labels }: { comparison: Comparison; labels: { before: string; after: string } }) {
  const language = useLanguage();
  const host = useRef<HTMLDivElement>(null);
  const [plain, setPlain] = useState(false);
  useEffect(() => {
    let dispose: (() => void) | undefined;
    let gone = false;
    loadMonaco(language).then(
      ({ editors }) => {
        if (gone || !host.current) return;
        const editor = editors.comparison(host.current, { before: labels.before, after: labels.after });
        editor.show(before, after);
        dispose = () => editor.dispose();
      },
      () => setPlain(true),
    );
    return () => {
      gone = true;
      dispose?.();
    };
  }, [before, after, labels.before, labels.after, language]);
  if (!plain) return <div ref={host} className={styles.host} />;
  return (
    <div className={styles.columns}>
      <pre aria-label={labels.before}>{before}</pre>
      <pre aria-label={labels.after}>{after}</pre>
    </div>
  );
}
