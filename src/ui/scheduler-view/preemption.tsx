/** Preemption in four frames: no node fits; candidates with their victims; the choice rule by rule; the victims leave. */
import { useState } from 'react';
import { schedulerText } from '../i18n/areas/scheduler.ts';
import { formatNumber, useLanguage, useText } from '../i18n/text.ts';
import { Button } from '../widgets/button.tsx';
import styles from './preemption.module.css';
import type { PreemptionCandidate, PreemptionRecord, PreemptionRule, SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';
import type { SayScheduler } from './words.ts';
import type { ReactNode } from 'react';

const FRAMES = ['refused', 'candidates', 'choice', 'leave'] as const;
/** As many candidates are drawn; the chosen one is always among them. */
const MOST = 12;
const RULES: Readonly<Record<string, 'pdb' | 'highest' | 'sum' | 'fewest' | 'latest' | 'first'>> = {
  'fewest PDB violations': 'pdb',
  'lowest highest priority': 'highest',
  'smallest priority sum': 'sum',
  'fewest victims': 'fewest',
  'latest start': 'latest',
  first: 'first',
};
/** 2^31 is added to each priority, so that the sum counts victims. */
const OFFSET = 2 ** 31;

const ruleText = (t: SayScheduler, rule: string): string => {
  const known = RULES[rule];
  return known ? t(`preempt.rule.${known}`) : rule;
};

/** What a rule compares. */
function figure(rule: string, candidate: PreemptionCandidate): string {
  switch (RULES[rule]) {
    case 'pdb':
      return String(candidate.pdbViolations);
    case 'highest':
      return String(candidate.highestPriority);
    case 'sum':
      return `${String(candidate.prioritySum - candidate.victims.length * OFFSET)} + ${String(candidate.victims.length)} · 2³¹`;
    case 'fewest':
      return String(candidate.victims.length);
    case 'latest':
      return candidate.earliestStart?.slice(11, 19) ?? '–';
    default:
      return '';
  }
}

interface FrameProps {
  decision: SchedulingDecision;
  record: PreemptionRecord;
  /** The candidates that are drawn. */
  drawn: readonly PreemptionCandidate[];
}

/** The frames. */
export function Preemption({ decision, record }: Omit<FrameProps, 'drawn'>) {
  const t = useText(schedulerText);
  const [at, setAt] = useState(0);
  const { candidates, chosen } = record;
  const drawn = candidates.filter(({ node }, index) => index < MOST || node === chosen);
  const frames: ReactNode[] = [
    <Refused key="refused" decision={decision} record={record} drawn={drawn} />,
    <Candidates key="candidates" decision={decision} record={record} drawn={drawn} />,
    <Choice key="choice" decision={decision} record={record} drawn={drawn} />,
    <Leave key="leave" decision={decision} record={record} drawn={drawn} />,
  ];
  return (
    <div className={styles.film}>
      <div className={styles.bar}>
        <Button disabled={at === 0} onClick={() => setAt(at - 1)}>
          {t('preempt.back')}
        </Button>
        <ol className={styles.steps}>
          {FRAMES.map((frame, index) => (
            <li key={frame}>
              <button type="button" aria-current={index === at ? 'step' : undefined} onClick={() => setAt(index)}>
                {index + 1}. {t(`preempt.frame.${frame}`)}
              </button>
            </li>
          ))}
        </ol>
        <Button disabled={at === FRAMES.length - 1} onClick={() => setAt(at + 1)}>
          {t('preempt.next')}
        </Button>
      </div>
      <div className={styles.frame} aria-live="polite">
        {frames[at]}
      </div>
    </div>
  );
}

function Refused({ decision, record }: FrameProps) {
  const t = useText(schedulerText);
  const { counts, rejections } = decision.status;
  return (
    <>
      <p>
        <b>{t('sentence.refused', { total: counts.total })}</b>
      </p>
      <ul className={styles.list}>
        {rejections.map(({ plugin, reasons, count, code }) => (
          <li key={`${plugin}${reasons.join()}`}>
            <span className={styles.cross} aria-hidden="true">
              ✗
            </span>{' '}
            {t('say.filter.refused', { count, plugin, reasons: reasons.join(', ') })}{' '}
            <span className={styles.muted}>{t(code === 'UnschedulableAndUnresolvable' ? 'cell.unresolvable' : 'cell.resolvable')}</span>
          </li>
        ))}
      </ul>
      {record.notEligible && <p>{t('preempt.notEligible', { reason: record.notEligible })}</p>}
    </>
  );
}

function Candidates({ record, drawn }: FrameProps) {
  const t = useText(schedulerText);
  return (
    <>
      <p>{drawn.length > 0 ? t('preempt.candidates', { n: record.candidates.length }) : t('preempt.noCandidates')}</p>
      <ul className={styles.cards}>
        {drawn.map(({ node, victims }) => (
          <li key={node} className={styles.card}>
            <h2>{node}</h2>
            <ul>
              {victims.map(({ uid, name, priority, pdbViolation }) => (
                <li key={uid} className={styles.victim}>
                  <span className={styles.hex} aria-hidden="true" />
                  <span className={styles.victimName}>{name}</span>
                  <span className={styles.muted}>{t('preempt.priority', { priority: String(priority) })}</span>
                  {pdbViolation && <span className={styles.warn}>{t('preempt.protected')}</span>}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      {record.candidates.length > drawn.length && (
        <p className={styles.muted}>{t('preempt.more', { n: record.candidates.length - drawn.length })}</p>
      )}
      {record.notHelpful > 0 && <p className={styles.muted}>{t('preempt.notHelpful', { n: record.notHelpful })}</p>}
      {record.rejections.map(({ reasons, count }) => (
        <p key={reasons.join()} className={styles.muted}>
          {t('preempt.inVain', { n: count, reasons: reasons.join(', ') })}
        </p>
      ))}
    </>
  );
}

function Choice({ record, drawn }: FrameProps) {
  const t = useText(schedulerText);
  const { rules, chosen } = record;
  if (rules.length === 0) {
    return <p>{chosen === undefined ? t('preempt.noCandidates') : t('preempt.onlyOne', { node: chosen })}</p>;
  }
  const leftBefore = (index: number): ReadonlySet<string> => new Set(rules[index - 1]?.left ?? record.candidates.map(({ node }) => node));
  return (
    <div className={styles.scroll}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('preempt.rule')}</th>
            {drawn.map(({ node }) => (
              <th key={node} scope="col" className={node === chosen ? styles.chosen : ''}>
                {node}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rules.map(({ rule, left }, index) => (
            <RuleRow key={rule} rule={{ rule, left }} before={leftBefore(index)} drawn={drawn} at={index + 1} />
          ))}
        </tbody>
      </table>
      {chosen !== undefined && <p>{t('preempt.decided', { rule: ruleText(t, rules.at(-1)?.rule ?? ''), node: chosen })}</p>}
    </div>
  );
}

function RuleRow({
  rule,
  before,
  drawn,
  at,
}: {
  rule: PreemptionRule;
  before: ReadonlySet<string>;
  drawn: readonly PreemptionCandidate[];
  at: number;
}) {
  const t = useText(schedulerText);
  const left = new Set(rule.left);
  return (
    <tr>
      <th scope="row">
        {at}. {ruleText(t, rule.rule)}
      </th>
      {drawn.map((candidate) => {
        const was = before.has(candidate.node);
        const stays = left.has(candidate.node);
        return (
          <td key={candidate.node} data-state={stays ? 'stays' : was ? 'goes' : 'gone'}>
            {was ? (
              <>
                {figure(rule.rule, candidate)} <span aria-hidden="true">{stays ? '✓' : '✗'}</span>{' '}
                <span className={styles.word}>{t(stays ? 'preempt.stays' : 'preempt.goes')}</span>
              </>
            ) : (
              <span className={styles.muted}>–</span>
            )}
          </td>
        );
      })}
    </tr>
  );
}

function Leave({ decision, record, drawn }: FrameProps) {
  const t = useText(schedulerText);
  const language = useLanguage();
  const { chosen } = record;
  const victims = drawn.find(({ node }) => node === chosen)?.victims ?? [];
  const { nominatedNodeName } = decision.status;
  if (chosen === undefined) return <p>{t('preempt.nothing')}</p>;
  return (
    <>
      <p>{t('preempt.leave', { n: victims.length, count: formatNumber(language, victims.length), node: chosen })}</p>
      <ul className={styles.leaving}>
        {victims.map(({ uid, name, namespace }) => (
          <li key={uid}>
            <span className={styles.hex} data-leaving="" aria-hidden="true" /> {namespace}/{name} <span aria-hidden="true">↓</span>
          </li>
        ))}
      </ul>
      {nominatedNodeName && (
        <p>
          <span aria-hidden="true">⚑ </span>
          {t('preempt.nominated', { pod: decision.spec.podRef.name, node: nominatedNodeName })}
        </p>
      )}
    </>
  );
}
