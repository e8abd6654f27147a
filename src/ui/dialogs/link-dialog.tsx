/** What a share link holds, before anything of it is used. Opening replaces the visitor's cluster, and only after a word about it. */
import { useMemo } from 'react';
import { decodeShareLink } from '../../scenario/share-link.ts';
import type { ShareLinkFault, SharedScenario } from '../../scenario/share-link.ts';
import { scenarioOf } from '../../scenario/header.ts';
import type { DialogProps } from '../app/app.tsx';
import { sharePayload, useHash } from '../app/use-hash.ts';
import { useConnectionState } from '../cluster/hooks.ts';
import { localText, useLanguage, useText } from '../i18n/text.ts';
import { dialogsText } from '../i18n/areas/dialogs.ts';
import { Button } from '../widgets/button.tsx';
import { Dialog } from '../widgets/dialog.tsx';
import { useOpenScenario } from './open-scenario.ts';
import { ReplaceNote } from './replace-note.tsx';
import styles from './dialogs.module.css';

/** The dialog. */
export function LinkDialog({ onClose }: DialogProps) {
  const hash = useHash();
  const read = useMemo(() => decodeShareLink(sharePayload(hash) ?? ''), [hash]);
  if (!read.ok) return <Damaged fault={read.fault} readable={read.readable} onClose={onClose} />;
  return <Preview hash={hash} scenario={read.scenario} onClose={onClose} />;
}

function Preview({ hash, scenario, onClose }: { hash: string; scenario: SharedScenario; onClose(): void }) {
  const t = useText(dialogsText);
  const language = useLanguage();
  const { phase } = useConnectionState();
  const { open, busy } = useOpenScenario();
  const header = scenarioOf(scenario.objects);
  const title = header && (localText(header.spec?.title, language) || header.metadata.name);
  const paused = header !== undefined && header.spec?.clock?.start !== 'running';
  const start = async () => {
    if (await open(scenario, hash)) onClose();
  };
  return (
    <Dialog
      title={title ? t('linkTitleNamed', { title }) : t('linkTitle')}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{t('keepMine')}</Button>
          <Button look="primary" disabled={busy || phase !== 'ready'} onClick={() => void start()}>
            {t('openIt')}
          </Button>
        </>
      }
    >
      {header && <p>{localText(header.spec?.description, language)}</p>}
      <p className={styles.muted}>{t('linkHolds')}</p>
      <ul className={styles.counts}>
        {countKinds(scenario).map(([kind, count]) => (
          <li key={kind}>
            {count} × {kind}
          </li>
        ))}
      </ul>
      <p className={styles.row}>
        <span className={styles.muted}>{t(paused ? 'startsPaused' : 'startsRunning')}</span>
        <span className={styles.muted}>{t('seedIs', { seed: String(scenario.seed) })}</span>
      </p>
      <ReplaceNote />
    </Dialog>
  );
}

/** Kinds with their numbers, most frequent first; the header itself is no content. */
function countKinds({ objects }: SharedScenario): [kind: string, count: number][] {
  const counts = new Map<string, number>();
  for (const { kind } of objects) if (kind !== 'Scenario') counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1));
}

const FAULTS = {
  empty: 'linkEmpty',
  damaged: 'linkDamaged',
  'newer-version': 'linkNewer',
  'too-large': 'linkTooLarge',
  'not-objects': 'linkNotObjects',
} as const satisfies Record<ShareLinkFault, string>;

function Damaged({ fault, readable, onClose }: { fault: ShareLinkFault; readable: string; onClose(): void }) {
  const t = useText(dialogsText);
  return (
    <Dialog
      title={t('linkCannotOpen')}
      onClose={onClose}
      actions={
        <Button look="primary" onClick={onClose}>
          {t('goOnWithMine')}
        </Button>
      }
    >
      <p>{t(FAULTS[fault])}</p>
      {readable && (
        <>
          <p className={styles.row}>{t('linkReadable')}</p>
          <pre className={styles.readable} tabIndex={0} aria-label={t('linkReadable')}>
            {readable}
          </pre>
        </>
      )}
    </Dialog>
  );
}
