/** What is wrong with the session as a whole, and the way out: storage, a crash, a runaway scenario. */
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { CircleAlert, TriangleAlert, X } from 'lucide-react';
import { useCluster, useConnectionState } from '../cluster/hooks.ts';
import { useText } from '../i18n/text.ts';
import { shellText } from '../i18n/areas/shell.ts';
import { alarm, announce } from '../state/announcer.ts';
import { showToast } from '../state/toasts.ts';
import { useUiState } from '../state/ui-state.ts';
import type { RunawayState, StorageState } from '../../worker/protocol.ts';
import { Button, IconButton } from '../widgets/button.tsx';
import { exportAll } from './export.ts';
import { downloadDamaged, rescueManifests } from './rescue.ts';
import styles from './ribbons.module.css';
import { attempt } from '../state/attempt.ts';

/** All ribbons that apply. */
export function Ribbons() {
  const { phase, storage, runaway } = useConnectionState();
  return (
    <>
      {phase === 'crashed' && <Crashed />}
      {storage?.reason && <Storage storage={storage} reason={storage.reason} />}
      {runaway !== undefined && phase !== 'crashed' && <Runaway runaway={runaway} />}
    </>
  );
}

function Ribbon({ tone, children, actions }: { tone: 'grey' | 'warn' | 'error'; children: ReactNode; actions?: ReactNode }) {
  const Icon = tone === 'error' ? CircleAlert : TriangleAlert;
  return (
    <div className={`${styles.ribbon} ${styles[tone]}`}>
      <Icon size={18} strokeWidth={1.5} aria-hidden />
      <div className={styles.text}>{children}</div>
      {actions}
    </div>
  );
}

function Crashed() {
  const t = useText(shellText);
  const { ownership } = useCluster();
  const { crash } = useConnectionState();
  const message = t('crashed');
  useEffect(() => {
    alarm(message);
    return () => alarm('');
  }, [message]);
  const report = `${crash?.message ?? ''}${crash?.seed ? ` · ${t('seedIs', { seed: crash.seed })}` : ''}`;
  return (
    <Ribbon
      tone="error"
      actions={
        <Button look="primary" onClick={() => ownership.restart()}>
          {t('restartFrom', { revision: String(crash?.revision ?? 0) })}
        </Button>
      }
    >
      <p>{message}</p>
      <p className={styles.detail}>{report}</p>
    </Ribbon>
  );
}

type Reason = NonNullable<StorageState['reason']>;

function Storage({ storage, reason }: { storage: StorageState; reason: Reason }) {
  const t = useText(shellText);
  const cluster = useCluster();
  const [closed, setClosed] = useState<Reason>();
  if (closed === reason) return null;
  const texts = { unavailable: t('storageUnavailable'), quota: t('storageQuota'), damaged: t('storageDamaged') };
  const actions = (
    <>
      {reason === 'damaged' && <DamagedActions copy={storage.damagedCopies?.at(-1)} />}
      {reason === 'quota' && <QuotaActions />}
      {reason !== 'damaged' && <Button onClick={() => void exportAll(cluster, t)}>{t('exportAll')}</Button>}
      <IconButton icon={X} label={t('closeRibbon')} onClick={() => setClosed(reason)} />
    </>
  );
  return (
    <Ribbon tone={reason === 'unavailable' ? 'grey' : 'warn'} actions={actions}>
      <p>{texts[reason]}</p>
    </Ribbon>
  );
}

function DamagedActions({ copy }: { copy: string | undefined }) {
  const t = useText(shellText);
  const cluster = useCluster();
  if (copy === undefined) return null;
  return (
    <>
      <Button onClick={() => void rescueManifests(cluster, copy, t)}>{t('rescue')}</Button>
      <Button onClick={() => void downloadDamaged(cluster, copy, t)}>{t('downloadRaw')}</Button>
    </>
  );
}

function QuotaActions() {
  const t = useText(shellText);
  const { connection, session } = useCluster();
  const set = useUiState((state) => state.set);
  const [busy, setBusy] = useState(false);
  const saveAgain = async () => {
    setBusy(true);
    try {
      const storage = await connection.control('saveAgain', {});
      session.setStorage(storage);
      showToast(storage.mode === 'durable' ? { text: t('savesAgain') } : { tone: 'error', text: t('stillFull') });
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button look="primary" disabled={busy} onClick={() => attempt(saveAgain())}>
        {t('saveAgain')}
      </Button>
      <Button onClick={() => set({ dialog: 'settings' })}>{t('manageData')}</Button>
    </>
  );
}

function Runaway({ runaway }: { runaway: RunawayState }) {
  const t = useText(shellText);
  const { actions } = useCluster();
  const { what, count, limit, seconds, busiest } = runaway;
  const reasons = {
    objects: t('runawayObjects', { count, limit }),
    writes: t('runawayWrites', { count, seconds }),
    tasks: t('runawayTasks', { count, seconds }),
  };
  const message = t('runaway');
  useEffect(() => announce(message, 'runaway'), [message]);
  return (
    <Ribbon tone="warn" actions={<Button onClick={() => attempt(actions.setClock({ paused: false }))}>{t('goOn')}</Button>}>
      <p>
        {message} {reasons[what]}
      </p>
      {busiest !== undefined && <p className={styles.detail}>{t('runawayBusiest', { task: busiest })}</p>}
    </Ribbon>
  );
}
