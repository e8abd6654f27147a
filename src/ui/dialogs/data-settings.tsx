/** The visitor's data: where it is saved, how large it is, copies of damaged clusters, export, erasing. */
import { useState } from 'react';
import { eraseAll } from '../app/erase.ts';
import { exportAll } from '../app/export.ts';
import { downloadDamaged, rescueManifests } from '../app/rescue.ts';
import { useCluster, useConnectionState } from '../cluster/hooks.ts';
import { formatNumber, useLanguage, useText } from '../i18n/text.ts';
import { dialogsText } from '../i18n/areas/dialogs.ts';
import { shellText } from '../i18n/areas/shell.ts';
import { attempt } from '../state/attempt.ts';
import { Button } from '../widgets/button.tsx';
import { ValueField } from '../widgets/field.tsx';
import styles from './dialogs.module.css';

const MIB = 1024 * 1024;

/** The section. `onLeave` closes the dialog, when something outside of it is to be seen. */
export function DataSettings({ onLeave }: { onLeave(): void }) {
  const t = useText(dialogsText);
  const shell = useText(shellText);
  const cluster = useCluster();
  const { storage } = useConnectionState();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <ValueField label={t('savedWhere')}>{t(storage?.mode === 'durable' ? 'savedHere' : 'savedNowhere')}</ValueField>
      <Space />
      <Copies onLeave={onLeave} />
      <div className={styles.row}>
        <Button onClick={() => void exportAll(cluster, shell)}>{shell('exportAll')}</Button>
        {!asking && (
          <Button look="danger" onClick={() => setAsking(true)}>
            {t('erase')}
          </Button>
        )}
      </div>
      {asking && (
        <div className={styles.note} role="alert">
          <p>{t('eraseSure')}</p>
          <Button onClick={() => setAsking(false)}>{t('cancel')}</Button>
          <Button look="danger" onClick={() => void eraseAll(cluster.connection)}>
            {t('eraseNow')}
          </Button>
        </div>
      )}
    </>
  );
}

function Space() {
  const t = useText(dialogsText);
  const language = useLanguage();
  const { storage } = useConnectionState();
  if (storage?.usedBytes === undefined) return null;
  const mib = (bytes: number) => formatNumber(language, Math.round((bytes / MIB) * 10) / 10);
  const used = mib(storage.usedBytes);
  return (
    <ValueField label={t('spaceUsed')}>
      {storage.quotaBytes === undefined ? t('mebibytes', { used }) : t('mebibytesOf', { used, quota: mib(storage.quotaBytes) })}
    </ValueField>
  );
}

/** "2026-11-21 10:59" out of "kubarium-damaged-2026-11-21T10:59:43.000Z" */
const dateOf = (copy: string): string => copy.replace(/^.*?(\d{4}-\d\d-\d\d)T(\d\d:\d\d).*$/, '$1 $2');

function Copies({ onLeave }: { onLeave(): void }) {
  const t = useText(dialogsText);
  const shell = useText(shellText);
  const cluster = useCluster();
  const { storage } = useConnectionState();
  const copies = storage?.damagedCopies ?? [];
  if (copies.length === 0) return null;
  const rescue = async (copy: string) => {
    await rescueManifests(cluster, copy, shell);
    onLeave();
  };
  const drop = async (copy: string) => cluster.session.setStorage(await cluster.connection.control('dropDamaged', { copy }));
  return (
    <section aria-label={t('damagedCopies')}>
      <p className={styles.muted}>{t('damagedCopiesHint')}</p>
      <ul className={styles.copies}>
        {copies.map((copy) => (
          <li key={copy} className={styles.row}>
            <span>{t('damagedCopy', { date: dateOf(copy) })}</span>
            <Button onClick={() => void rescue(copy)}>{shell('rescue')}</Button>
            <Button onClick={() => void downloadDamaged(cluster, copy, shell)}>{shell('downloadRaw')}</Button>
            <Button look="danger" onClick={() => attempt(drop(copy))}>
              {t('deleteCopy')}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
