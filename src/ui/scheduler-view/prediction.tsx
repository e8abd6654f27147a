/** "Which node will win?", asked before the decision is shown. The guess stays beside the result. */
import { useMemo, useState } from 'react';
import { schedulerText } from '../i18n/areas/scheduler.ts';
import { useText } from '../i18n/text.ts';
import { allocatable, podRequests, requestsByNode } from '../model/node-state.ts';
import { Button } from '../widgets/button.tsx';
import { amount } from './amounts.ts';
import { useViewState } from './view-state.ts';
import styles from './prediction.module.css';
import type { Node, Pod } from '../../api/generated/types.ts';
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';

/** With more nodes the guess is typed. */
const BUTTONS = 12;

/** Taints that keep pods away, as kubectl prints them: "key=value:NoSchedule". */
const repelling = ({ spec }: Node): string[] =>
  (spec?.taints ?? [])
    .filter(({ effect }) => effect !== 'PreferNoSchedule')
    .map(({ key, value, effect }) => `${key}${value ? `=${value}` : ''}:${effect}`);

interface PredictionProps {
  decision: SchedulingDecision;
  pod: Pod | undefined;
  pods: readonly Pod[];
  nodes: readonly Node[];
}

/** The question. */
export function Prediction({ decision, pod, pods, nodes }: PredictionProps) {
  const t = useText(schedulerText);
  const { guesses, set } = useViewState();
  const [typed, setTyped] = useState('');
  const others = useMemo(() => pods.filter(({ metadata }) => metadata.uid !== decision.spec.podRef.uid), [pods, decision]);
  const used = useMemo(() => requestsByNode(others), [others]);
  const answer = (guess: string | undefined) => set({ guesses: { ...guesses, [decision.metadata.uid]: guess } });
  const asked = pod && podRequests(pod);
  return (
    <section className={styles.question} aria-label={t('guess.question')}>
      <h2>{t('guess.question')}</h2>
      {asked && <p>{t('guess.asks', { cpu: amount('cpu', asked.cpu), memory: amount('memory', asked.memory) })}</p>}
      {nodes.length <= BUTTONS ? (
        <div className={styles.nodes}>
          {nodes.map((node) => {
            const { name } = node.metadata;
            const has = allocatable(node);
            const taken = used.get(name) ?? { cpu: 0, memory: 0 };
            return (
              <button key={name} type="button" className={styles.node} onClick={() => answer(name)}>
                <b>{name}</b>
                <span>{t('guess.free', { amount: amount('cpu', has.cpu - taken.cpu), resource: 'cpu' })}</span>
                <span>{t('guess.free', { amount: amount('memory', has.memory - taken.memory), resource: 'memory' })}</span>
                {repelling(node).map((taint) => (
                  <span key={taint}>{t('guess.taint', { taint })}</span>
                ))}
              </button>
            );
          })}
        </div>
      ) : (
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            if (typed) answer(typed);
          }}
        >
          <label>
            {t('column.node')}{' '}
            <input list="guess-nodes" value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" />
          </label>
          <datalist id="guess-nodes">
            {nodes.slice(0, 200).map(({ metadata }) => (
              <option key={metadata.name} value={metadata.name} />
            ))}
          </datalist>
          <Button type="submit" look="primary">
            {t('guess.answer')}
          </Button>
        </form>
      )}
      <div className={styles.actions}>
        <Button onClick={() => answer('')}>{t('guess.none')}</Button>
        <Button look="plain" onClick={() => answer(undefined)}>
          {t('guess.show')}
        </Button>
      </div>
    </section>
  );
}
