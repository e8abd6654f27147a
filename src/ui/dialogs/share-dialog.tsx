/** A link in which the scenario travels: the objects the visitor made and the seed, nothing else. */
import { Copy, Download } from 'lucide-react';
import { useEffect, useState } from 'react';
import { encodeShareLink } from '../../scenario/share-link.ts';
import type { SharedScenario } from '../../scenario/share-link.ts';
import { copyText } from '../app/copy-text.ts';
import { download, exportAll } from '../app/export.ts';
import type { DialogProps } from '../app/app.tsx';
import { useCluster } from '../cluster/hooks.ts';
import { useText } from '../i18n/text.ts';
import { dialogsText } from '../i18n/areas/dialogs.ts';
import { shellText } from '../i18n/areas/shell.ts';
import { widgetsText } from '../i18n/areas/widgets.ts';
import { announce } from '../state/announcer.ts';
import { Button } from '../widgets/button.tsx';
import { Dialog } from '../widgets/dialog.tsx';
import { EmptyState } from '../widgets/empty-state.tsx';
import styles from './dialogs.module.css';

/** Links up to this fit into chats, up to the other into browsers and mail. */
const FITS_CHATS = 2000;
const FITS_BROWSERS = 8000;

/** The dialog. */
export function ShareDialog({ onClose }: DialogProps) {
  const t = useText(dialogsText);
  const scenario = useOwnScenario();
  return (
    <Dialog title={t('shareTitle')} onClose={onClose}>
      {scenario === undefined && <EmptyState title={t('shareWorking')} />}
      {scenario?.objects.length === 0 && <EmptyState title={t('shareNothing')}>{t('shareNothingMore')}</EmptyState>}
      {scenario && scenario.objects.length > 0 && <Link scenario={scenario} />}
    </Dialog>
  );
}

function useOwnScenario(): SharedScenario | undefined {
  const { connection } = useCluster();
  const [scenario, setScenario] = useState<SharedScenario>();
  useEffect(() => {
    let gone = false;
    connection.control('export', {}).then(
      (found) => {
        if (!gone) setScenario(found);
      },
      () => {
        if (!gone) setScenario({ seed: 1, objects: [] });
      },
    );
    return () => {
      gone = true;
    };
  }, [connection]);
  return scenario;
}

function Link({ scenario }: { scenario: SharedScenario }) {
  const t = useText(dialogsText);
  const shell = useText(shellText);
  const widgets = useText(widgetsText);
  const cluster = useCluster();
  const [copied, setCopied] = useState(false);
  const [link] = useState(() => `${window.location.origin}${window.location.pathname}#s=${encodeShareLink(scenario)}`);
  const size = link.length;
  const grade = size <= FITS_CHATS ? 'good' : size <= FITS_BROWSERS ? 'long' : 'over';
  const verdict = { good: t('linkFitsChats'), long: t('linkIsLong'), over: t('linkTooLong') }[grade];
  const copy = async () => {
    await copyText(link);
    setCopied(true);
    announce(widgets('copied'));
  };
  return (
    <>
      <p>{t('shareWhat', { n: scenario.objects.length })}</p>
      {grade !== 'over' && (
        <>
          <label className={styles.row} htmlFor="share-link">
            {t('shareLink')}
          </label>
          <textarea id="share-link" className={styles.link} readOnly value={link} onFocus={(event) => event.target.select()} />
        </>
      )}
      <p className={styles.size}>
        <strong className={styles[grade]}>{t('characters', { n: size })}</strong> <span className={styles.muted}>{verdict}</span>
      </p>
      <div className={styles.row}>
        {grade !== 'over' && (
          <Button look="primary" icon={Copy} onClick={() => void copy()}>
            {copied ? widgets('copied') : t('copyLink')}
          </Button>
        )}
        <Button icon={Download} look={grade === 'over' ? 'primary' : 'normal'} onClick={() => download('kubarium-link.txt', link)}>
          {t('downloadLink')}
        </Button>
        <Button icon={Download} onClick={() => void exportAll(cluster, shell)}>
          {t('downloadYaml')}
        </Button>
      </div>
    </>
  );
}
