/**
 * The band above the view when a scenario is open: one sentence and one button while time stands still, and then what its steps
 * say as they happen. It lies in the flow and never covers the picture.
 */
import { CirclePlay, X } from 'lucide-react';
import { useState } from 'react';
import { useClock, useCluster, useList } from '../cluster/hooks.ts';
import { SCENARIOS } from '../cluster/resources.ts';
import { shellText } from '../i18n/areas/shell.ts';
import { localText, useLanguage, useText } from '../i18n/text.ts';
import { Button, IconButton } from '../widgets/button.tsx';
import styles from './first-run.module.css';

/** The band, or nothing when no scenario is open or it was closed. */
export function ScenarioBand() {
  const t = useText(shellText);
  const language = useLanguage();
  const { actions } = useCluster();
  const clock = useClock();
  const [scenario] = useList(SCENARIOS).items;
  const [closed, setClosed] = useState<string>();
  if (scenario === undefined || closed === scenario.metadata.uid) return null;
  const { spec, status } = scenario;
  const steps = spec.steps ?? [];
  const done = status?.stepsDone ?? 0;
  const said = steps.slice(0, done).findLast(({ say }) => say !== undefined)?.say;
  const sentence = localText(said ?? spec.description, language);
  if (sentence === '') return null;
  return (
    <section className={styles.band} aria-label={t('scenarioRegion')}>
      <div className={styles.text} aria-live="polite">
        <p className={styles.title}>{sentence}</p>
        {steps.length > 0 && <p className={styles.sub}>{t('scenarioSteps', { n: steps.length, done })}</p>}
      </div>
      {clock?.paused && (
        <Button look="primary" icon={CirclePlay} className={styles.main} onClick={() => void actions.setClock({ paused: false })}>
          {t('play')}
        </Button>
      )}
      <IconButton icon={X} label={t('closeWelcome')} onClick={() => setClosed(scenario.metadata.uid)} />
    </section>
  );
}
