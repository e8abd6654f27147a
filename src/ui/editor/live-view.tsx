/** The selected object as it is: what was asked for on the left, what is on the right, both following the cluster. */
import { Pencil } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { resourceByKind } from '../../api/index.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { useObject } from '../cluster/hooks.ts';
import { editorText } from '../i18n/areas/editor.ts';
import { useLanguage, useText } from '../i18n/text.ts';
import { objectText, toYaml, forReading } from '../model/manifest-text.ts';
import { openInEditor } from '../state/documents.ts';
import { useUiState } from '../state/ui-state.ts';
import { Button } from '../widgets/button.tsx';
import { EmptyState } from '../widgets/empty-state.tsx';
import { managersOf, stepsToLine } from './live-text.ts';
import { loadMonaco } from './monaco/load.ts';
import type { ReaderHandle } from './monaco/reader.ts';
import styles from './editor.module.css';

/** The view. */
export function LiveView() {
  const t = useText(editorText);
  const selection = useUiState((state) => state.selection);
  const resource = selection && resourceByKind(selection.apiVersion, selection.kind);
  const object = useObject(resource, selection?.namespace, selection?.name);
  if (!selection) {
    return (
      <EmptyState title={t('liveEmpty')}>
        <p>{t('liveEmptyMore')}</p>
      </EmptyState>
    );
  }
  if (!object) return <EmptyState title={t('liveGone', { name: `${selection.kind} ${selection.name}` })} />;
  return <LiveObject object={object} />;
}

function LiveObject({ object }: { object: KubernetesObject }) {
  const t = useText(editorText);
  const texts = useMemo(() => {
    const { status, ...rest } = forReading(object);
    return { asked: objectText(rest), actual: status === undefined ? '' : toYaml({ status }) };
  }, [object]);
  return (
    <section className={styles.live} aria-label={t('liveOf', { name: `${object.kind} ${object.metadata.name}` })}>
      <header className={styles.overHead}>
        <p className={styles.summary}>
          <strong>{object.kind}</strong> {object.metadata.name}
        </p>
        <Button icon={Pencil} onClick={() => void openInEditor(object)}>
          {t('edit')}
        </Button>
      </header>
      <div className={styles.liveSides}>
        <Side label={t('liveAsked')} text={texts.asked} object={object} />
        {texts.actual ? (
          <Side label={t('liveActual')} text={texts.actual} object={object} />
        ) : (
          <p className={styles.note}>{t('noStatus')}</p>
        )}
      </div>
    </section>
  );
}

function Side({ label, text, object }: { label: string; text: string; object: KubernetesObject }) {
  const t = useText(editorText);
  const language = useLanguage();
  const host = useRef<HTMLDivElement>(null);
  const [reader, setReader] = useState<ReaderHandle>();
  const [plain, setPlain] = useState(false);
  const explain = (line: number): string | undefined => {
    const steps = stepsToLine(text, line);
    if (steps.length < 2) return undefined;
    const managers = managersOf(object.metadata.managedFields, steps);
    if (managers.length === 0) return t('unmanaged');
    const lines = managers.map(
      ({ manager, operation, subresource, time }) => `- **${manager}** (${[operation, subresource, time].filter(Boolean).join(', ')})`,
    );
    return [t('managedBy'), '', ...lines].join('\n');
  };
  const latest = useRef({ explain, label });
  useEffect(() => {
    latest.current = { explain, label };
  });
  useEffect(() => {
    let made: ReaderHandle | undefined;
    let gone = false;
    const classes = {
      changed: styles.changed ?? '',
      metadata: styles.stripMetadata ?? '',
      spec: styles.stripSpec ?? '',
      status: styles.stripStatus ?? '',
    };
    loadMonaco(language).then(
      ({ editors }) => {
        if (gone || !host.current) return;
        made = editors.reader(host.current, { label: latest.current.label, explain: (line) => latest.current.explain(line), classes });
        setReader(made);
      },
      () => setPlain(true),
    );
    return () => {
      gone = true;
      made?.dispose();
      setReader(undefined);
    };
  }, [language]);
  const shownUid = useRef('');
  useEffect(() => {
    if (!reader) return;
    reader.show(text, shownUid.current !== object.metadata.uid);
    shownUid.current = object.metadata.uid;
  }, [reader, text, object.metadata.uid]);
  return (
    <figure className={styles.side}>
      <figcaption>{label}</figcaption>
      {plain ? (
        <pre className={styles.waiting} aria-label={label} tabIndex={0}>
          {text}
        </pre>
      ) : (
        <div ref={host} className={styles.host} />
      )}
    </figure>
  );
}
