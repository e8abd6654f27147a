/** The sequence diagram: a column for everybody who took part, and an arrow for every request and every watch event, downwards in time. */
import { useEffect, useId, useRef } from 'react';
import type { CSSProperties, KeyboardEvent } from 'react';
import { loopText } from '../i18n/areas/loop.ts';
import { useText } from '../i18n/text.ts';
import type { Say } from '../i18n/text.ts';
import type { loop } from '../i18n/en/loop.ts';
import { API_SERVER, ETCD, objectOf } from './story.ts';
import type { Step, Story } from './story.ts';
import styles from './diagram.module.css';

interface DiagramProps {
  story: Story;
  steps: readonly Step[];
  selected: string | undefined;
  onSelect(id: string): void;
}

/** Virtual time of day, to the millisecond. */
export const timeOf = (at: number): string => new Date(at).toISOString().slice(11, 23);

/** The step as a sentence. */
export function sentence(t: Say<typeof loop>, step: Step): string {
  if (step.kind === 'watch') return t('say.watch', { to: step.to, resource: step.resource });
  const { from, event, written } = step;
  const parts = { from, what: `${event.verb} ${objectOf(event)}`, code: String(event.responseStatus.code) };
  return written ? t('say.written', { ...parts, revision: String(event.kubarium.revision) }) : t('say.request', parts);
}

const MOVES: Record<string, (index: number, last: number) => number> = {
  ArrowDown: (index, last) => Math.min(index + 1, last),
  ArrowUp: (index) => Math.max(index - 1, 0),
  PageDown: (index, last) => Math.min(index + 10, last),
  PageUp: (index) => Math.max(index - 10, 0),
  Home: () => 0,
  End: (_index, last) => last,
};

/** The diagram: one tab stop, whose arrows move the selection. */
export function Diagram({ story: { lanes }, steps, selected, onSelect }: DiagramProps) {
  const t = useText(loopText);
  const prefix = useId();
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const move = MOVES[event.key];
    if (!move) return;
    event.preventDefault();
    const next =
      steps[
        move(
          steps.findIndex(({ id }) => id === selected),
          steps.length - 1,
        )
      ] ?? steps[0];
    if (next) onSelect(next.id);
  };
  useEffect(() => {
    if (selected !== undefined) document.getElementById(`${prefix}${selected}`)?.scrollIntoView({ block: 'nearest' });
  }, [prefix, selected]);
  const width = { '--lanes': lanes.length } as CSSProperties;
  return (
    <div className={styles.scroll}>
      <div className={styles.canvas} style={width}>
        <div className={styles.heads} aria-hidden>
          {lanes.map((lane) => (
            <span key={lane} className={styles.head} title={lane}>
              {lane.replace('/', '/\u200b')}
            </span>
          ))}
        </div>
        <div
          ref={list}
          className={styles.rows}
          role="listbox"
          tabIndex={0}
          aria-label={t('diagram')}
          aria-description={t('hint')}
          aria-activedescendant={selected === undefined ? undefined : `${prefix}${selected}`}
          onKeyDown={onKeyDown}
        >
          {lanes.map((lane, index) => (
            <span key={lane} className={styles.life} style={at(index)} aria-hidden />
          ))}
          {steps.map((step) => (
            <Row
              key={step.id}
              id={`${prefix}${step.id}`}
              step={step}
              lanes={lanes}
              label={sentence(t, step)}
              selected={step.id === selected}
              onSelect={() => onSelect(step.id)}
            />
          ))}
        </div>
      </div>
    </div>
  );
}

const at = (lane: number): CSSProperties => ({ '--lane': lane }) as CSSProperties;

interface RowProps {
  id: string;
  step: Step;
  lanes: readonly string[];
  label: string;
  selected: boolean;
  onSelect(): void;
}

function Row({ id, step, lanes, label, selected, onSelect }: RowProps) {
  const t = useText(loopText);
  const server = lanes.indexOf(API_SERVER);
  const actor = lanes.indexOf(step.kind === 'request' ? step.from : step.to);
  const refused = step.kind === 'request' && step.event.responseStatus.code >= 400;
  const what = step.kind === 'watch' ? step.resource : `${step.event.verb} ${objectOf(step.event)}`;
  return (
    <div id={id} className={styles.row} role="option" aria-selected={selected} onClick={onSelect}>
      <span className={styles.unseen}>{label}</span>
      <span className={styles.time} aria-hidden>
        {timeOf(step.at)}
      </span>
      <span className={styles.label} style={span(server, actor)} aria-hidden>
        <span className={styles.words}>
          {what}
          {refused && <b className={styles.refused}> ✕ {step.event.responseStatus.code}</b>}
          {step.kind === 'request' && step.event.kubarium.dryRun && <i> {t('dryRun')}</i>}
        </span>
      </span>
      {step.kind === 'watch' ? (
        <span className={`${styles.arrow} ${styles.watch} ${styles.right}`} style={span(server, actor)} aria-hidden />
      ) : (
        <span className={`${styles.arrow} ${refused ? styles.bad : ''} ${styles.left}`} style={span(server, actor)} aria-hidden />
      )}
      {step.kind === 'request' && step.written && (
        <>
          <span className={`${styles.arrow} ${styles.left}`} style={span(lanes.indexOf(ETCD), server)} aria-hidden />
          <span className={styles.label} style={span(lanes.indexOf(ETCD), server)} aria-hidden>
            <span className={styles.words}>{t('revision', { revision: String(step.event.kubarium.revision) })}</span>
          </span>
        </>
      )}
    </div>
  );
}

/** From one lane to the other. */
const span = (from: number, to: number): CSSProperties => ({ '--from': Math.min(from, to), '--to': Math.max(from, to) }) as CSSProperties;
