/** On a phone: what it cannot do, and how the same cluster gets onto a computer. */
import { Monitor, X } from 'lucide-react';
import { useState } from 'react';
import { useCluster } from '../cluster/hooks.ts';
import type { ClusterConnection } from '../cluster/connection.ts';
import { shellText } from '../i18n/areas/shell.ts';
import { useText } from '../i18n/text.ts';
import { attempt } from '../state/attempt.ts';
import { showToast } from '../state/toasts.ts';
import { Button, IconButton } from '../widgets/button.tsx';
import { copyText } from './copy-text.ts';
import styles from './phone.module.css';

/** The address of this page, with what the visitor made in it. */
async function linkToHere(connection: ClusterConnection): Promise<string> {
  const address = `${window.location.origin}${window.location.pathname}`;
  const { objects, seed } = await connection.control('export', {});
  if (objects.length === 0) return address;
  const { encodeShareLink } = await import('../../scenario/share-link.ts');
  return `${address}#s=${encodeShareLink({ objects, seed })}`;
}

/** The line; gone once it was closed. */
export function ComputerHint() {
  const t = useText(shellText);
  const { connection } = useCluster();
  const [closed, setClosed] = useState(false);
  if (closed) return null;
  const copy = async () => {
    await copyText(await linkToHere(connection));
    showToast({ text: t('linkCopied') });
  };
  return (
    <section className={styles.hint} aria-label={t('onComputer')}>
      <Monitor size={18} strokeWidth={1.5} aria-hidden />
      <p>{t('onComputer')}</p>
      <Button onClick={() => attempt(copy())}>{t('copyLink')}</Button>
      <IconButton icon={X} label={t('closeRibbon')} onClick={() => setClosed(true)} />
    </section>
  );
}
