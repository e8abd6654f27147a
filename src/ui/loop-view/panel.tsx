/**
 * View 4, the control loop: what one act set in motion, as a sequence diagram from the audit trail and the tasks' causes, with every
 * request unfolded on demand.
 */
import { useMemo, useRef } from 'react';
import type { KeyboardEvent } from 'react';
import { loopText } from '../i18n/areas/loop.ts';
import { useText } from '../i18n/text.ts';
import { EmptyState } from '../widgets/empty-state.tsx';
import { Button } from '../widgets/button.tsx';
import { Choice } from '../widgets/choice.tsx';
import { Details } from './details.tsx';
import { Diagram, timeOf } from './diagram.tsx';
import { Gauge } from './gauge.tsx';
import { Queues } from './queues.tsx';
import { API_SERVER, ETCD, filterSteps, objectOf } from './story.ts';
import type { Step, Story, Trail } from './story.ts';
import { TextTwin } from './text-twin.tsx';
import { useTrail } from './use-trail.ts';
import { useLoopState } from '../state/loop-view.ts';
import styles from './panel.module.css';

/** Rows drawn at once. */
const MAX_ROWS = 400;
/** Acts offered. */
const MAX_ACTS = 40;

/** The panel. */
export function Panel() {
  const t = useText(loopText);
  const trail = useTrail();
  const { root: chosen, about, filter, mode, selected: pointed, set } = useLoopState();
  const region = useRef<HTMLDivElement>(null);
  const acts = useMemo(() => trail.acts().slice(0, MAX_ACTS), [trail]);
  const origin = useMemo(() => (about === undefined ? undefined : trail.whereFrom(about)), [trail, about]);
  const root = chosen ?? origin?.root ?? (about === undefined ? (acts[0]?.kubarium.task ?? 0) : 0);
  const selected = pointed ?? (chosen === undefined ? origin?.step : undefined);
  const story = useMemo(() => trail.story(root), [trail, root]);
  const steps = useMemo(() => filterSteps(story.steps, filter), [story, filter]);
  const shown = steps.slice(0, MAX_ROWS);
  const current = shown.find(({ id }) => id === selected);
  const select = (id: string) => set({ selected: id });
  const close = () => {
    set({ selected: '' });
    region.current?.querySelector<HTMLElement>('[role=listbox], table')?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || current === undefined) return;
    event.preventDefault();
    close();
  };
  return (
    <div ref={region} className={styles.panel} onKeyDown={onKeyDown}>
      <Toolbar trail={trail} root={root} />
      {about !== undefined && chosen === undefined && origin === undefined && <p className={styles.cut}>{t('unknownOrigin', { about })}</p>}
      {shown.length > 0 && <Summary story={story} steps={steps} />}
      {shown.length === 0 ? (
        <Nothing filter={filter} />
      ) : mode === 'picture' ? (
        <Diagram story={story} steps={shown} selected={current?.id} onSelect={select} />
      ) : (
        <TextTwin steps={shown} selected={current?.id} onSelect={select} />
      )}
      {steps.length > MAX_ROWS && <p className={styles.cut}>{t('cut', { n: MAX_ROWS, all: steps.length })}</p>}
      {current?.kind === 'request' ? <Details event={current.event} onClose={close} /> : <Queues lanes={story.lanes} steps={story.steps} />}
    </div>
  );
}

function Toolbar({ trail, root }: { trail: Trail; root: number }) {
  const t = useText(loopText);
  const { filter, mode, set } = useLoopState();
  const acts = trail.acts().slice(0, MAX_ACTS);
  return (
    <div className={styles.bar}>
      <label className={styles.story}>
        <span>{t('story')}</span>
        <select value={root} onChange={(event) => set({ root: Number(event.target.value), about: undefined, selected: undefined })}>
          {root !== 0 && !acts.some(({ kubarium }) => kubarium.task === root) && <option value={root}>{t('earlier')}</option>}
          {acts.map((act) => (
            <option key={act.kubarium.id} value={act.kubarium.task}>
              {timeOf(Date.parse(act.requestReceivedTimestamp)).slice(0, 8)} {act.verb} {objectOf(act)}
              {act.responseStatus.code >= 400 ? ` ✕ ${act.responseStatus.code}` : ''}
            </option>
          ))}
          <option value={0}>{t('everything')}</option>
        </select>
      </label>
      <input
        type="search"
        data-filter=""
        className={styles.filter}
        placeholder={t('filter')}
        aria-label={t('filter')}
        value={filter}
        onChange={(event) => set({ filter: event.target.value })}
      />
      <Choice
        label={t('show')}
        value={mode}
        options={[
          { value: 'picture', label: t('picture') },
          { value: 'text', label: t('text') },
        ]}
        onChange={(value) => set({ mode: value })}
      />
    </div>
  );
}

/** How many asked for how much, and how far the first object is from what it should be. */
function Summary({ story: { first, lanes }, steps }: { story: Story; steps: readonly Step[] }) {
  const t = useText(loopText);
  const actors = lanes.filter((lane) => lane !== ETCD && lane !== API_SERVER);
  const requests = steps.filter(({ kind }) => kind === 'request').length;
  return (
    <p className={styles.summary}>
      {t('summary', { n: requests, actors: actors.length })} {first && <Gauge event={first} />}
    </p>
  );
}

function Nothing({ filter }: { filter: string }) {
  const t = useText(loopText);
  const set = useLoopState((state) => state.set);
  return (
    <div className={styles.nothing}>
      {filter ? (
        <EmptyState
          title={t('empty.filter', { filter })}
          actions={<Button onClick={() => set({ filter: '' })}>{t('empty.clear')}</Button>}
        />
      ) : (
        <EmptyState title={t('empty.title')}>{t('empty.hint')}</EmptyState>
      )}
    </div>
  );
}
