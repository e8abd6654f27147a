/** The object as YAML, coloured line by line; to change it, it is opened in the editor. */
import { useMemo } from 'react';
import { resourceByKind } from '../../api/index.ts';
import { inspectorText } from '../i18n/areas/inspector.ts';
import { useText } from '../i18n/text.ts';
import { forReading, objectText } from '../model/manifest-text.ts';
import { openInEditor, showLive } from '../state/documents.ts';
import { showKeyOf } from '../state/store-view.ts';
import { Button } from '../widgets/button.tsx';
import { colourLine } from './yaml-colours.ts';
import styles from './yaml-tab.module.css';
import type { KubernetesObject } from '../../apimachinery/meta.ts';

/** The tab. */
export function YamlTab({ object }: { object: KubernetesObject }) {
  const t = useText(inspectorText);
  const resource = resourceByKind(object.apiVersion, object.kind);
  const lines = useMemo(() => objectText(forReading(object)).trimEnd().split('\n').map(colourLine), [object]);
  return (
    <div className={styles.yaml}>
      <div className={styles.bar}>
        <Button onClick={() => void openInEditor(object)}>{t('yaml.edit')}</Button>
        <Button look="plain" onClick={showLive}>
          {t('yaml.live')}
        </Button>
        {resource && (
          <Button look="plain" onClick={() => showKeyOf(resource, object.metadata.namespace, object.metadata.name)}>
            {t('look.store')}
          </Button>
        )}
      </div>
      <pre className={styles.text} tabIndex={0} aria-label={t('yaml.label', { name: object.metadata.name })}>
        {lines.map((parts, index) => (
          <div key={index} className={styles.line}>
            {parts.map(({ text, kind }, part) =>
              kind ? (
                <span key={part} className={styles[kind]}>
                  {text}
                </span>
              ) : (
                text
              ),
            )}
            {'\n'}
          </div>
        ))}
      </pre>
    </div>
  );
}
