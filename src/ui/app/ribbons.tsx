/** What is wrong with the session as a whole, and the way out: storage, a crash, a runaway scenario. */
import { useEffect } from 'react';
import type { ReactNode } from 'react';
import { CircleAlert, TriangleAlert } from 'lucide-react';
import { useCluster, useConnectionState } from '../cluster/hooks.ts';
import { useText } from '../i18n/text.ts';
import { shellText } from '../i18n/areas/shell.ts';
import { alarm } from '../state/announcer.ts';
import { useUiState } from '../state/ui-state.ts';
import { Button } from '../widgets/button.tsx';
import { exportAll } from './export.ts';
import styles from './ribbons.module.css';
import { attempt } from '../state/attempt.ts';

/** All ribbons that apply. */
export function Ribbons() {
  const { phase, storage, runaway } = useConnectionState();
  return (
    <>
      {phase === 'crashed' && <Crashed />}
      {storage?.reason && <Storage reason={storage.reason} />}
      {runaway !== undefined && phase !== 'crashed' && <Runaway reason={runaway} />}
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

function Storage({ reason }: { reason: 'unavailable' | 'quota' | 'damaged' }) {
  const t = useText(shellText);
  const cluster = useCluster();
  const set = useUiState((state) => state.set);
  const texts = { unavailable: t('storageUnavailable'), quota: t('storageQuota'), damaged: t('storageDamaged') };
  const actions = (
    <>
      <Button onClick={() => void exportAll(cluster, t)}>{t('exportAll')}</Button>
      {reason === 'quota' && <Button onClick={() => set({ dialog: 'settings' })}>{t('manageData')}</Button>}
    </>
  );
  return (
    <Ribbon tone={reason === 'unavailable' ? 'grey' : 'warn'} actions={actions}>
      <p>{texts[reason]}</p>
    </Ribbon>
  );
}

function Runaway({ reason }: { reason: string }) {
  const t = useText(shellText);
  const { actions } = useCluster();
  return (
    <Ribbon tone="warn" actions={<Button onClick={() => attempt(actions.setClock({ paused: false }))}>{t('goOn')}</Button>}>
      <p>{t('runaway')}</p>
      <p className={styles.detail}>{reason}</p>
    </Ribbon>
  );
}
