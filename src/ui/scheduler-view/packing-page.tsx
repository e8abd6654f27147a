/** Borg's packing experiment: the same tasks on shared machines and on separate ones, counted in machines. */
import { useEffect, useId, useState } from 'react';
import { useCluster } from '../cluster/hooks.ts';
import { schedulerLabText } from '../i18n/areas/scheduler-lab.ts';
import { formatNumber, useLanguage, useText } from '../i18n/text.ts';
import { announce } from '../state/announcer.ts';
import { attempt } from '../state/attempt.ts';
import { Button } from '../widgets/button.tsx';
import page from './plugin.module.css';
import styles from './packing.module.css';
import type { PackingOptions, PackingResult } from '../../worker/protocol-views.ts';

const PLACEMENTS = ['Hybrid', 'BestFit', 'WorstFit'] as const;
const FIRST = { seed: 'kubarium', production: 400, batch: 800, used: 0.6, placement: 'Hybrid' } as const satisfies PackingOptions;
/** More tasks keep the cluster's worker busy for seconds. */
const MOST = 2000;

type Wanted = Required<Omit<PackingOptions, 'trials'>>;

/** The page. */
export function PackingPage() {
  const t = useText(schedulerLabText);
  const { connection } = useCluster();
  const [wanted, setWanted] = useState<Wanted>(FIRST);
  const [result, setResult] = useState<PackingResult>();
  const [busy, setBusy] = useState(false);
  const run = async (options: Wanted) => {
    setBusy(true);
    try {
      const found = await connection.control('packing', options);
      setResult(found);
      announce(t('packing.result', { percent: String(found.medianOverheadPercent), trials: found.trials.length }), 'packing');
    } finally {
      setBusy(false);
    }
  };
  useEffect(() => {
    let gone = false;
    connection.control('packing', FIRST).then(
      (found) => {
        if (!gone) setResult(found);
      },
      () => undefined,
    );
    return () => {
      gone = true;
    };
  }, [connection]);
  return (
    <div className={page.page} role="region" aria-label={t('page.packing')}>
      <p className={page.lead}>{t('packing.lead')}</p>
      <Form wanted={wanted} busy={busy} onChange={setWanted} onRun={() => attempt(run(wanted))} />
      {result && <Result result={result} />}
    </div>
  );
}

interface FormProps {
  wanted: Wanted;
  busy: boolean;
  onChange(wanted: Wanted): void;
  onRun(): void;
}

function Form({ wanted, busy, onChange, onRun }: FormProps) {
  const t = useText(schedulerLabText);
  const usedId = useId();
  const count = (value: string) => Math.max(1, Math.min(MOST, Math.trunc(Number(value)) || 1));
  return (
    <form
      className={page.row}
      onSubmit={(event) => {
        event.preventDefault();
        onRun();
      }}
    >
      <label className={page.field}>
        {t('packing.seed')}
        <input type="text" value={wanted.seed} maxLength={40} onChange={(event) => onChange({ ...wanted, seed: event.target.value })} />
      </label>
      {(['production', 'batch'] as const).map((kind) => (
        <label key={kind} className={page.field}>
          {t(`packing.${kind}`)}
          <input
            type="number"
            min={1}
            max={MOST}
            value={wanted[kind]}
            onChange={(event) => onChange({ ...wanted, [kind]: count(event.target.value) })}
          />
        </label>
      ))}
      <span className={page.field}>
        <label htmlFor={usedId}>{t('packing.used')}</label>
        <input
          id={usedId}
          type="range"
          min={0.1}
          max={1}
          step={0.05}
          value={wanted.used}
          onChange={(event) => onChange({ ...wanted, used: Number(event.target.value) })}
        />
        <output htmlFor={usedId}>{Math.round(wanted.used * 100)} %</output>
      </span>
      <label className={page.field}>
        {t('packing.placement')}
        <select
          value={wanted.placement}
          onChange={(event) => onChange({ ...wanted, placement: event.target.value as Wanted['placement'] })}
        >
          {PLACEMENTS.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <Button type="submit" look="primary" disabled={busy}>
        {t(busy ? 'packing.running' : 'packing.run')}
      </Button>
    </form>
  );
}

function Result({ result }: { result: PackingResult }) {
  const t = useText(schedulerLabText);
  const language = useLanguage();
  const { trials, medianOverheadPercent, examined } = result;
  const shown = trials.toSorted((a, b) => a.overheadPercent - b.overheadPercent)[Math.floor(trials.length / 2)];
  if (!shown) return null;
  const most = Math.max(shown.mixed, shown.production + shown.batch, 1);
  const percent = (value: number) => `${formatNumber(language, value)} %`;
  return (
    <>
      <p>
        <b>{t('packing.result', { percent: formatNumber(language, medianOverheadPercent), trials: trials.length })}</b>
      </p>
      <figure className={styles.bars} aria-label={t('packing.bars')}>
        <figcaption className={page.muted}>{t('packing.bars')}</figcaption>
        <Bar name={t('packing.mixed')} most={most} parts={[{ name: t('packing.mixedTasks'), count: shown.mixed, look: 'mixed' }]} />
        <Bar
          name={t('packing.separate')}
          most={most}
          parts={[
            { name: t('packing.productionAlone'), count: shown.production, look: 'production' },
            { name: t('packing.batchAlone'), count: shown.batch, look: 'batch' },
          ]}
        />
      </figure>
      <table className={styles.table}>
        <caption>{t('packing.trials')}</caption>
        <thead>
          <tr>
            {(['trial', 'mixed', 'productionAlone', 'batchAlone', 'overhead'] as const).map((key) => (
              <th key={key} scope="col">
                {t(`packing.${key}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {trials.map((trial, index) => (
            <tr key={index}>
              <th scope="row">{index + 1}</th>
              <td>{trial.mixed}</td>
              <td>{trial.production}</td>
              <td>{trial.batch}</td>
              <td>{percent(trial.overheadPercent)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className={page.muted}>{t('packing.examined', { n: examined })}</p>
    </>
  );
}

interface Part {
  name: string;
  count: number;
  look: 'mixed' | 'production' | 'batch';
}

function Bar({ name, most, parts }: { name: string; most: number; parts: readonly Part[] }) {
  const t = useText(schedulerLabText);
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  return (
    <div className={styles.line}>
      <span className={styles.name}>{name}</span>
      <span className={styles.bar}>
        {parts.map(({ name: part, count, look }) => (
          <span key={part} className={styles.part} data-look={look} style={{ width: `${String((100 * count) / most)}%` }}>
            {part} {count}
          </span>
        ))}
      </span>
      <span className={styles.total}>{t('packing.machines', { n: total })}</span>
    </div>
  );
}
