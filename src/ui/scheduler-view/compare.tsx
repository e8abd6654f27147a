/** Two profiles over the same pod in the same cluster: who wins, and which nodes change places. */
import { useState } from 'react';
import { schedulerText } from '../i18n/areas/scheduler.ts';
import { formatNumber, useLanguage, useText } from '../i18n/text.ts';
import { pointsOf } from './compare-model.ts';
import { Comparison } from './comparison.tsx';
import { ThenAndNow, UseProfile } from './then-and-now.tsx';
import { useDryRuns } from './dry-run.ts';
import { PROFILE_IDS, PROFILES } from './profiles.ts';
import styles from './what-if.module.css';
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';
import type { DryRunAnswer } from './dry-run.ts';
import type { ProfileId } from './profiles.ts';

const overridesOf = (id: ProfileId) => {
  const profile = PROFILES[id];
  return profile && { profile };
};

/** The comparison. */
export function Compare({ decision }: { decision: SchedulingDecision }) {
  const t = useText(schedulerText);
  const [ids, setIds] = useState<readonly [ProfileId, ProfileId]>(['now', 'packer']);
  const answers = useDryRuns(decision, ids.map(overridesOf));
  const names = [t(`profile.${ids[0]}`), t(`profile.${ids[1]}`)] as const;
  const picker = (at: 0 | 1) => (
    <label className={styles.field}>
      {t(at === 0 ? 'compare.first' : 'compare.second')}
      <select
        value={ids[at]}
        onChange={(event) => {
          const id = event.target.value as ProfileId;
          setIds(at === 0 ? [id, ids[1]] : [ids[0], id]);
        }}
      >
        {PROFILE_IDS.map((id) => (
          <option key={id} value={id}>
            {t(`profile.${id}`)}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <div className={styles.column}>
      <div className={styles.row}>
        {picker(0)}
        {picker(1)}
        {decision.status.decidedBy === undefined && <UseProfile id={ids[1]} scheduler={decision.spec.profile} />}
      </div>
      <p className={styles.muted}>{t('compare.note', { pod: decision.spec.podRef.name })}</p>
      {[...new Set(ids)].map((id, at) => (
        <ThenAndNow key={id} id={id} answer={answers?.[at]?.decision} />
      ))}
      {answers === undefined ? <p className={styles.muted}>{t('compare.asking')}</p> : <Answers answers={answers} names={names} />}
    </div>
  );
}

function Answers({ answers, names }: { answers: readonly DryRunAnswer[]; names: readonly [string, string] }) {
  const t = useText(schedulerText);
  const [first, second] = answers;
  const failed = answers.flatMap(({ error }, at) =>
    error === undefined ? [] : [t('compare.failed', { profile: names[at] ?? '', error })],
  );
  if (!first?.decision || !second?.decision) return failed.map((text) => <p key={text}>{text}</p>);
  const [a, b] = [first.decision.status.nodeName, second.decision.status.nodeName];
  const none = t('compare.none');
  const sentence =
    a !== b
      ? t('compare.other', { first: names[0], a: a ?? none, second: names[1], b: b ?? none })
      : a === undefined
        ? t('compare.sameNone')
        : t('compare.same', { node: a });
  return (
    <>
      <p>
        <b>{sentence}</b>
      </p>
      <Comparison before={first.decision} after={second.decision} names={names} />
      {a !== undefined && b !== undefined && a !== b && (
        <Points first={first.decision} second={second.decision} nodes={[a, b]} names={names} />
      )}
    </>
  );
}

interface PointsProps {
  first: SchedulingDecision;
  second: SchedulingDecision;
  nodes: readonly [string, string];
  names: readonly [string, string];
}

/** What each plugin gave the two winners, under both profiles. */
function Points({ first, second, nodes, names }: PointsProps) {
  const t = useText(schedulerText);
  const language = useLanguage();
  const plugins = [...new Set([...first.status.scores, ...second.status.scores].map(({ plugin }) => plugin))];
  const sides = [
    { name: names[0], decision: first },
    { name: names[1], decision: second },
  ];
  return (
    <div className={styles.scroll}>
      <table className={styles.points}>
        <caption>{t('compare.points')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('compare.plugin')}</th>
            {sides.flatMap(({ name }, side) =>
              nodes.map((node) => (
                <th key={`${String(side)}${node}`} scope="col">
                  {name}
                  <br />
                  {node}
                </th>
              )),
            )}
          </tr>
        </thead>
        <tbody>
          {plugins.map((plugin) => (
            <tr key={plugin}>
              <th scope="row">{plugin}</th>
              {sides.flatMap(({ decision }, side) => {
                const points = nodes.map((node) => pointsOf(decision, plugin, node));
                const best = Math.max(...points.map((value) => value ?? -Infinity));
                const differ = points[0] !== points[1];
                return points.map((value, at) => (
                  <td key={`${String(side)}${String(at)}`} data-best={differ && value === best}>
                    {value === undefined ? '–' : formatNumber(language, value)}
                  </td>
                ));
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
