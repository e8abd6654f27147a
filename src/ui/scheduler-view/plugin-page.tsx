/** "Your plugin": a sample to begin with, and every SchedulerPlugin of the cluster with its consent, its state and its text. */
import { FileCode } from 'lucide-react';
import { useState } from 'react';
import { SchedulerPluginResource } from '../../api/kubarium/scheduler-plugin.ts';
import { useMedia } from '../app/use-media.ts';
import { useCalmList } from '../cluster/use-calm-list.ts';
import { schedulerLabText } from '../i18n/areas/scheduler-lab.ts';
import { useText } from '../i18n/text.ts';
import { openInEditor } from '../state/documents.ts';
import { Button } from '../widgets/button.tsx';
import { PluginCard } from './plugin-card.tsx';
import { SAMPLE_IDS, sampleFile } from './plugin-samples.ts';
import styles from './plugin.module.css';
import type { SchedulerPlugin } from '../../api/kubarium/scheduler-plugin.ts';
import type { Pod } from '../../api/generated/types.ts';
import type { SampleId } from './plugin-samples.ts';

/** The page; `pod` is what a plugin can be tried on. */
export function PluginPage({ pod }: { pod: Pod | undefined }) {
  const t = useText(schedulerLabText);
  const phone = useMedia('(max-width: 767px)');
  const [sample, setSample] = useState<SampleId>('even');
  const { items, synced } = useCalmList<SchedulerPlugin>(SchedulerPluginResource);
  const open = () => {
    const { name, text } = sampleFile(sample);
    void openInEditor(text, name);
  };
  return (
    <div className={styles.page} role="region" aria-label={t('page.plugin')}>
      <p className={styles.lead}>{t('plugin.lead')}</p>
      {phone ? (
        <p className={styles.muted}>{t('plugin.onPhone')}</p>
      ) : (
        <div className={styles.row}>
          <label className={styles.field}>
            {t('plugin.sample')}
            <select value={sample} onChange={(event) => setSample(event.target.value as SampleId)}>
              {SAMPLE_IDS.map((id) => (
                <option key={id} value={id}>
                  {t(`plugin.sample.${id}`)}
                </option>
              ))}
            </select>
          </label>
          <Button look={items.length === 0 ? 'primary' : 'normal'} icon={FileCode} onClick={open}>
            {t('plugin.open')}
          </Button>
        </div>
      )}
      {synced && items.length === 0 && <p className={styles.muted}>{t('plugin.none')}</p>}
      {items.map((plugin) => (
        <PluginCard key={plugin.metadata.uid} plugin={plugin} pod={pod} />
      ))}
    </div>
  );
}
