/** What if: other weights, other requests, other labels on a node; the scheduler answers by a dry run, and nothing changes until it is applied. */
import { useEffect, useState } from 'react';
import { schedulerText } from '../i18n/areas/scheduler.ts';
import { useText } from '../i18n/text.ts';
import { useCluster } from '../cluster/hooks.ts';
import { announce } from '../state/announcer.ts';
import { Button } from '../widgets/button.tsx';
import { Comparison } from './comparison.tsx';
import { useDryRuns } from './dry-run.ts';
import { LabelEdits, RequestSliders, WeightSliders } from './what-if-controls.tsx';
import { changedWeights, NO_CHANGES, overridesOf } from './what-if-model.ts';
import { useApplyWeights } from './use-apply-weights.ts';
import styles from './what-if.module.css';
import type { Node, Pod } from '../../api/generated/types.ts';
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';
import type { SayScheduler } from './words.ts';

interface WhatIfProps {
  decision: SchedulingDecision;
  pod: Pod | undefined;
  nodes: readonly Node[];
}

/** Who would win, in a sentence. */
function verdict(t: SayScheduler, now: SchedulingDecision, then: SchedulingDecision): string {
  const [a, b] = [now.status.nodeName, then.status.nodeName];
  if (b === undefined) return t(a === undefined ? 'whatif.refusedStill' : 'whatif.refused');
  if (a === undefined) return t('whatif.fits', { node: b });
  return a === b ? t('whatif.same', { node: b }) : t('whatif.other', { node: b, now: a });
}

/** Controls and answer. */
export function WhatIf({ decision, pod, nodes }: WhatIfProps) {
  const t = useText(schedulerText);
  const { connection } = useCluster();
  const [changes, setChanges] = useState(NO_CHANGES);
  const overrides = overridesOf(changes);
  const answers = useDryRuns(decision, [undefined, overrides]);
  const [now, then] = answers ?? [];
  const applyWeights = useApplyWeights(connection);
  const sentence = overrides && now?.decision && then?.decision ? verdict(t, now.decision, then.decision) : undefined;
  useEffect(() => {
    if (sentence !== undefined) announce(sentence, 'scheduler-what-if');
  }, [sentence]);
  const base = now?.decision ?? decision;
  const weights = changedWeights(base, changes);
  return (
    <div className={styles.whatIf}>
      <div className={styles.controls}>
        <WeightSliders decision={base} changes={changes} onChange={setChanges} />
        {pod && <RequestSliders pod={pod} nodes={nodes} changes={changes} onChange={setChanges} />}
        <LabelEdits nodes={nodes} changes={changes} onChange={setChanges} />
      </div>
      <div className={styles.answer}>
        <p className={styles.muted}>{t('whatif.note')}</p>
        <div className={styles.row}>
          <Button
            look="primary"
            disabled={Object.keys(weights).length === 0}
            title={t('whatif.applyTitle')}
            onClick={() => applyWeights(decision.spec.profile, weights)}
          >
            {t('whatif.apply')}
          </Button>
          <Button disabled={overrides === undefined} onClick={() => setChanges(NO_CHANGES)}>
            {t('whatif.reset')}
          </Button>
        </div>
        {answers?.map(({ error }) => error && <p key={error}>{error}</p>)}
        {overrides === undefined && <p className={styles.muted}>{t('whatif.unchanged')}</p>}
        {sentence !== undefined && (
          <p className={styles.verdict}>
            <b>{sentence}</b>
          </p>
        )}
        {overrides && now?.decision && then?.decision && (
          <Comparison before={now.decision} after={then.decision} names={[t('whatif.now'), t('whatif.then')]} />
        )}
      </div>
    </div>
  );
}
