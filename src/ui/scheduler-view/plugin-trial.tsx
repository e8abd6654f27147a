/** What a plugin changes for one pod: a dry run without it and one with it. */
import { schedulerText } from '../i18n/areas/scheduler.ts';
import { schedulerLabText } from '../i18n/areas/scheduler-lab.ts';
import { useText } from '../i18n/text.ts';
import { Comparison } from './comparison.tsx';
import { useDryRuns } from './dry-run.ts';
import { outcome } from './words.ts';
import styles from './plugin.module.css';
import type { Pod } from '../../api/generated/types.ts';

interface PluginTrialProps {
  name: string;
  pod: Pod;
  /** Its schedulerName, if it is a whole scheduler. */
  scheduler: string | undefined;
}

/** The comparison, or why there is none. */
export function PluginTrial({ name, pod, scheduler }: PluginTrialProps) {
  const t = useText(schedulerText);
  const lab = useText(schedulerLabText);
  const { metadata, spec } = pod;
  const podRef = { name: metadata.name, namespace: metadata.namespace ?? 'default', uid: metadata.uid };
  const about = { spec: { podRef, profile: scheduler ?? spec.schedulerName ?? 'default-scheduler' } };
  const without = { profile: { plugins: { multiPoint: { disabled: [{ name }] } } } };
  const [before, after] = useDryRuns(about, scheduler === undefined ? [without, { profile: {} }] : [{ profile: {} }, undefined]) ?? [];
  if (before === undefined || after === undefined) return <p className={styles.muted}>{t('compare.asking')}</p>;
  const answer = after.decision;
  return (
    <div>
      <p className={styles.muted}>
        {scheduler === undefined
          ? lab('plugin.tryNote', { pod: metadata.name })
          : lab('plugin.trySchedulerNote', { pod: metadata.name, scheduler })}
      </p>
      {scheduler !== undefined && (
        <p>
          {lab('plugin.byKubeScheduler')}: {before.decision ? outcome(t, before.decision) : before.error}
        </p>
      )}
      <p>
        <b>{answer ? outcome(t, answer) : after.error}</b>
      </p>
      {scheduler === undefined && before.decision && answer && answer.status.result !== 'Error' && (
        <Comparison before={before.decision} after={answer} names={[lab('plugin.without'), lab('plugin.with')]} />
      )}
    </div>
  );
}
