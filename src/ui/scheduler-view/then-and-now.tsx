/** Profiles of the past, framed as such: what they were, what became of them, and their rules by their old names. */
import { useCluster } from '../cluster/hooks.ts';
import { schedulerText } from '../i18n/areas/scheduler.ts';
import { schedulerLabText } from '../i18n/areas/scheduler-lab.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../widgets/button.tsx';
import { PROFILES } from './profiles.ts';
import { useApplyProfile } from './use-apply-weights.ts';
import styles from './then-and-now.module.css';
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';
import type { ProfileId } from './profiles.ts';

const ERAS: Partial<Record<ProfileId, 'classic' | 'borg'>> = { classic: 'classic', worstFit: 'borg', bestFit: 'borg', hybrid: 'borg' };

interface ThenAndNowProps {
  id: ProfileId;
  /** The dry run in it, once it is there. */
  answer: SchedulingDecision | undefined;
}

/** The frame; nothing for a profile of today. */
export function ThenAndNow({ id, answer }: ThenAndNowProps) {
  const t = useText(schedulerLabText);
  const say = useText(schedulerText);
  const era = ERAS[id];
  if (era === undefined) return null;
  const { plugins, maxScore = 10 } = answer?.status ?? {};
  return (
    <section className={styles.past} aria-label={say(`profile.${id}`)}>
      <p>
        <b>{t('past.then')}</b> {t(`past.${era}.then`)}
      </p>
      <p>
        <b>{t('past.now')}</b> {t(`past.${era}.now`)}
      </p>
      {era === 'classic' && plugins && (
        <dl className={styles.rules}>
          <dt>{t('past.predicates')}</dt>
          <dd>{plugins['filter']?.join(', ')}</dd>
          <dt>{t('past.priorities', { max: maxScore })}</dt>
          <dd>{plugins['score']?.join(', ')}</dd>
        </dl>
      )}
    </section>
  );
}

/** Makes a compared profile the one that schedules. */
export function UseProfile({ id, scheduler }: { id: ProfileId; scheduler: string }) {
  const t = useText(schedulerLabText);
  const say = useText(schedulerText);
  const { connection } = useCluster();
  const apply = useApplyProfile(connection);
  const profile = PROFILES[id];
  if (profile === undefined) return null;
  const name = say(`profile.${id}`);
  return (
    <Button title={t('past.useTitle')} onClick={() => apply(scheduler, name, profile)}>
      {t('past.use', { profile: name })}
    </Button>
  );
}
