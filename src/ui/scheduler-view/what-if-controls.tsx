/** The sliders and fields of a what-if. */
import { X } from 'lucide-react';
import { useId, useState } from 'react';
import { milliValue, value } from '../../apimachinery/quantity.ts';
import { schedulerText } from '../i18n/areas/scheduler.ts';
import { useText } from '../i18n/text.ts';
import { allocatable } from '../model/node-state.ts';
import { Button } from '../widgets/button.tsx';
import { amount } from './amounts.ts';
import { parseLabel, withLabel, withRequest, withWeight } from './what-if-model.ts';
import styles from './what-if.module.css';
import type { Node, Pod } from '../../api/generated/types.ts';
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';
import type { Changes } from './what-if-model.ts';

interface ControlProps {
  changes: Changes;
  onChange(changes: Changes): void;
}

const MIB = 2 ** 20;
const MAX_WEIGHT = 20;

interface SliderProps {
  label: string;
  value: number;
  min: number;
  max: number;
  step: number;
  /** The value as text. */
  text: string;
  changed: boolean;
  onChange(value: number): void;
}

function Slider({ label, value: at, min, max, step, text, changed, onChange }: SliderProps) {
  const id = useId();
  return (
    <div className={styles.slider} data-changed={changed}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="range"
        min={min}
        max={max}
        step={step}
        value={at}
        aria-valuetext={text}
        onChange={(event) => onChange(Number(event.target.value))}
      />
      <output htmlFor={id}>{text}</output>
    </div>
  );
}

/** A slider for the weight of each plugin that scores. */
export function WeightSliders({ decision, changes, onChange }: ControlProps & { decision: SchedulingDecision }) {
  const t = useText(schedulerText);
  const { scores } = decision.status;
  return (
    <fieldset className={styles.group}>
      <legend>{t('whatif.weights')}</legend>
      {scores.length === 0 && <p className={styles.muted}>{t('whatif.noScores')}</p>}
      {scores.map(({ plugin, weight }) => {
        const now = changes.weights[plugin] ?? weight;
        return (
          <Slider
            key={plugin}
            label={plugin}
            value={now}
            min={0}
            max={Math.max(MAX_WEIGHT, weight)}
            step={1}
            text={`×${String(now)}`}
            changed={now !== weight}
            onChange={(next) => onChange(withWeight(changes, plugin, next, weight))}
          />
        );
      })}
    </fieldset>
  );
}

/** Sliders for what the first container asks for. */
export function RequestSliders({ pod, nodes, changes, onChange }: ControlProps & { pod: Pod; nodes: readonly Node[] }) {
  const t = useText(schedulerText);
  const asked = pod.spec.containers[0]?.resources?.requests ?? {};
  const largest = nodes
    .map(allocatable)
    .reduce((max, one) => ({ cpu: Math.max(max.cpu, one.cpu), memory: Math.max(max.memory, one.memory) }), {
      cpu: 1000,
      memory: 1024 * MIB,
    });
  const rows = [
    { name: 'cpu', own: milliValue(asked['cpu'] ?? '0'), max: Math.ceil(largest.cpu / 1000) * 1000, step: 100 },
    { name: 'memory', own: Math.round(value(asked['memory'] ?? '0') / MIB), max: Math.ceil(largest.memory / MIB / 1024) * 1024, step: 64 },
  ];
  return (
    <fieldset className={styles.group}>
      <legend>{t('whatif.requests')}</legend>
      {rows.map(({ name, own, max, step }) => {
        const now = changes.requests[name] ?? own;
        return (
          <Slider
            key={name}
            label={name}
            value={now}
            min={0}
            max={Math.max(max, own)}
            step={own % step === 0 ? step : 1}
            text={amount(name, name === 'memory' ? now * MIB : now)}
            changed={now !== own}
            onChange={(next) => onChange(withRequest(changes, name, next, own))}
          />
        );
      })}
    </fieldset>
  );
}

/** Labels to suppose on nodes. */
export function LabelEdits({ nodes, changes, onChange }: ControlProps & { nodes: readonly Node[] }) {
  const t = useText(schedulerText);
  const [node, setNode] = useState('');
  const [text, setText] = useState('');
  const listId = useId();
  const label = parseLabel(text);
  const chosen = nodes.find(({ metadata }) => metadata.name === node);
  const supposed = Object.entries(changes.labels).flatMap(([name, set]) =>
    Object.entries(set).map(([key, set1]) => ({ name, key, value: set1 })),
  );
  return (
    <fieldset className={styles.group}>
      <legend>{t('whatif.labels')}</legend>
      <form
        className={styles.labelForm}
        onSubmit={(event) => {
          event.preventDefault();
          if (!label || !chosen) return;
          onChange(withLabel(changes, node, label.key, label.value));
          setText('');
        }}
      >
        <input
          list={listId}
          value={node}
          aria-label={t('column.node')}
          placeholder={t('column.node')}
          onChange={(event) => setNode(event.target.value)}
        />
        <datalist id={listId}>
          {nodes.slice(0, 200).map(({ metadata }) => (
            <option key={metadata.name} value={metadata.name} />
          ))}
        </datalist>
        <input
          value={text}
          aria-label={t('whatif.labelText', { example: 'disk=ssd' })}
          placeholder="disk=ssd"
          onChange={(event) => setText(event.target.value)}
        />
        <Button type="submit" disabled={!label || !chosen}>
          {t('whatif.addLabel')}
        </Button>
      </form>
      {supposed.length > 0 && (
        <ul className={styles.labels}>
          {supposed.map(({ name, key, value: set }) => (
            <li key={`${name}/${key}`}>
              {name}: {key}={set}
              <button
                type="button"
                aria-label={t('whatif.removeLabel', { label: `${key}=${set}`, node: name })}
                onClick={() => onChange(withLabel(changes, name, key, undefined))}
              >
                <X size={14} strokeWidth={1.5} aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      )}
    </fieldset>
  );
}
