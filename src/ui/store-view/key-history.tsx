/** The kept versions of one key on a ruler of revisions, and what the chosen one holds or changed. */
import { X } from 'lucide-react';
import { useMemo } from 'react';
import { jsonChanges } from '../../apimachinery/json-changes.ts';
import type { StoreVersion } from '../../worker/protocol-views.ts';
import { storeText } from '../i18n/areas/store.ts';
import { useText } from '../i18n/text.ts';
import { objectText } from '../model/manifest-text.ts';
import { IconButton } from '../widgets/button.tsx';
import { ChangeTable } from '../widgets/change-table.tsx';
import { Choice } from '../widgets/choice.tsx';
import { widgetsText } from '../i18n/areas/widgets.ts';
import { useAnswer } from './use-store.ts';
import { shownOf } from './versions.ts';
import { useStoreState } from '../state/store-view.ts';
import styles from './key-history.module.css';

const MAX_CHANGES = 100;

/** The key's history. */
export function KeyHistory({ name, onClose }: { name: string; onClose(): void }) {
  const t = useText(storeText);
  const say = useText(widgetsText);
  const { revision, base: wantedBase, show, set } = useStoreState();
  const answer = useAnswer('storeHistory', { key: name });
  const versions = answer ?? [];
  const { at, base, compacted } = shownOf(versions, revision, wantedBase);
  const version = versions[at];
  return (
    <section className={styles.history} aria-label={name}>
      <header className={styles.header}>
        <h2>{name}</h2>
        <Choice
          label={t('show')}
          value={show}
          options={[
            { value: 'changes', label: t('show.changes') },
            { value: 'value', label: t('show.value') },
          ]}
          onChange={(value) => set({ show: value })}
        />
        <IconButton icon={X} label={say('close')} onClick={onClose} />
      </header>
      <ol className={styles.ruler} aria-label={t('history')}>
        {versions.map((one, position) => (
          <li key={one.modRevision}>
            <button
              type="button"
              aria-current={position === at || undefined}
              onClick={() => set({ revision: position === versions.length - 1 ? undefined : one.modRevision })}
            >
              <b>{one.modRevision}</b>
              <span>{markOf(one, t('version.deleted'), t('version.created'), (n) => t('version.number', { n: String(n) }))}</span>
            </button>
          </li>
        ))}
      </ol>
      <div className={styles.content} tabIndex={0} role="group" aria-label={t('content')}>
        {answer?.length === 0 && <p>{t('noVersions')}</p>}
        {compacted && <p className={styles.note}>{t('compactedAsk', { revision: String(revision) })}</p>}
        {version && show === 'changes' && versions.length > 2 && (
          <label className={styles.base}>
            <span>{t('base')}</span>
            <select
              value={versions[base]?.modRevision ?? ''}
              onChange={(event) => set({ base: event.target.value === '' ? undefined : Number(event.target.value) })}
            >
              {base < 0 && <option value="">–</option>}
              {versions.map(({ modRevision }, position) => position !== at && <option key={modRevision}>{modRevision}</option>)}
            </select>
          </label>
        )}
        {version && (show === 'value' ? <Value version={version} /> : <Changes version={version} before={versions[base]} />)}
      </div>
    </section>
  );
}

function markOf({ value, version }: StoreVersion, deleted: string, created: string, numbered: (version: number) => string): string {
  if (value === undefined) return deleted;
  return version === 1 ? created : numbered(version ?? 0);
}

function Value({ version: { value, modRevision } }: { version: StoreVersion }) {
  const t = useText(storeText);
  const text = useMemo(() => (value === undefined ? '' : objectText(value as unknown as Record<string, unknown>)), [value]);
  if (value === undefined) return <p>{t('gone')}</p>;
  return (
    <>
      <h3>{t('value', { revision: String(modRevision) })}</h3>
      <pre className={styles.value}>{text}</pre>
    </>
  );
}

function Changes({ version, before }: { version: StoreVersion; before: StoreVersion | undefined }) {
  const t = useText(storeText);
  const changes = useMemo(() => jsonChanges(comparable(before), comparable(version), MAX_CHANGES), [before, version]);
  if (version.value === undefined) return <p>{t('gone')}</p>;
  if (before?.value === undefined) {
    return (
      <>
        {version.version !== 1 && <p>{t('first')}</p>}
        <Value version={version} />
      </>
    );
  }
  return (
    <>
      <h3>{t('changes', { before: String(before.modRevision), after: String(version.modRevision) })}</h3>
      {changes.length === 0 ? <p>{t('changes.none')}</p> : <ChangeTable changes={changes} />}
    </>
  );
}

/** Without what every write changes. */
function comparable(version: StoreVersion | undefined): unknown {
  const { value } = version ?? {};
  return value && { ...value, metadata: { ...value.metadata, managedFields: undefined, resourceVersion: undefined } };
}
