/** Says what of the visitor's own would be lost, and lets him keep it first. */
import { TriangleAlert } from 'lucide-react';
import { useEffect, useState } from 'react';
import { exportAll } from '../app/export.ts';
import { useCluster } from '../cluster/hooks.ts';
import { useText } from '../i18n/text.ts';
import { dialogsText } from '../i18n/areas/dialogs.ts';
import { shellText } from '../i18n/areas/shell.ts';
import { Button } from '../widgets/button.tsx';
import styles from './dialogs.module.css';

/** How many objects the visitor made; undefined until it is known. */
export function useOwnObjects(): number | undefined {
  const { connection } = useCluster();
  const [count, setCount] = useState<number>();
  useEffect(() => {
    let gone = false;
    connection.control('export', {}).then(
      ({ objects }) => {
        if (!gone) setCount(objects.length);
      },
      () => {
        if (!gone) setCount(0);
      },
    );
    return () => {
      gone = true;
    };
  }, [connection]);
  return count;
}

/** Nothing, if there is nothing to lose. */
export function ReplaceNote() {
  const t = useText(dialogsText);
  const shell = useText(shellText);
  const cluster = useCluster();
  const count = useOwnObjects();
  if (!count) return null;
  return (
    <div className={styles.note}>
      <TriangleAlert size={18} strokeWidth={1.5} aria-hidden />
      <p>{t('replacesOwn', { n: count })}</p>
      <Button onClick={() => void exportAll(cluster, shell)}>{shell('exportAll')}</Button>
    </div>
  );
}
