/** The path at the left: every place that the packet passed, with its steps; the answer's way below. One tab stop; arrows move. */
import {
  ArrowDownToLine,
  ArrowLeftRight,
  Ban,
  Boxes,
  Cable,
  Globe,
  Lock,
  LockOpen,
  Network,
  Route,
  Server,
  ShieldCheck,
  Signpost,
  Table2,
} from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { useId } from 'react';
import type { KeyboardEvent } from 'react';
import type { PacketTraceHop, TraceStepKind } from '../../api/kubarium/packet-trace.ts';
import { useMedia } from '../app/use-media.ts';
import { packetsText } from '../i18n/areas/packets.ts';
import { useLanguage, useText } from '../i18n/text.ts';
import { hopWords } from './hop-words.ts';
import { changedFields, legsOf } from './trace-model.ts';
import { useKeepInView } from './use-keep-in-view.ts';
import styles from './path.module.css';

const ICONS: Record<TraceStepKind, LucideIcon> = {
  dns: Globe,
  send: ArrowDownToLine,
  device: Cable,
  bridge: ArrowLeftRight,
  route: Route,
  neighbour: Signpost,
  hook: ShieldCheck,
  ipvs: Table2,
  encapsulate: Lock,
  decapsulate: LockOpen,
  network: Network,
  socket: Server,
  proxy: Boxes,
  drop: Ban,
};

interface PathProps {
  hops: readonly PacketTraceHop[];
  step: number;
  onStep(step: number): void;
  /** The pointer is over a step, or over none any more. */
  onPoint?(step: number | undefined): void;
}

/** The list. */
export function Path({ hops, step, onStep, onPoint }: PathProps) {
  const t = useText(packetsText);
  const language = useLanguage();
  const prefix = useId();
  const phone = useMedia('(max-width: 767px)');
  const legs = legsOf(hops);
  const firstReply = legs.find(({ reply }) => reply)?.id;
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const moves: Record<string, number> = { ArrowDown: step + 1, ArrowUp: step - 1, Home: 0, End: hops.length - 1 };
    const next = moves[event.key];
    if (next === undefined) return;
    event.preventDefault();
    onStep(Math.min(Math.max(next, 0), hops.length - 1));
  };
  // On a phone the page itself scrolls: the verdict above stays in view until somebody steps.
  useKeepInView(phone && step === 0 ? undefined : `${prefix}${step}`);
  return (
    <div
      className={styles.path}
      role="listbox"
      tabIndex={0}
      aria-label={t('path')}
      aria-description={t('step.hint')}
      aria-activedescendant={`${prefix}${step}`}
      onKeyDown={onKeyDown}
      onPointerLeave={() => onPoint?.(undefined)}
    >
      {legs.map((leg) => (
        <div key={leg.id} role="group" aria-label={`${leg.node || t('wire')}, ${hopWords(language, leg.place)}`} className={styles.leg}>
          {leg.id === firstReply && <p className={styles.answer}>{t('answer')}</p>}
          <p className={styles.place} aria-hidden>
            <b>{leg.node || t(leg.place === 'network' ? 'wire' : 'group.outside')}</b>{' '}
            {leg.place === 'network' ? '' : hopWords(language, leg.place)}
          </p>
          {leg.steps.map((index) => (
            <Step
              key={index}
              id={`${prefix}${index}`}
              hop={hops[index]}
              current={index === step}
              onClick={() => onStep(index)}
              onPoint={() => onPoint?.(index)}
            />
          ))}
        </div>
      ))}
    </div>
  );
}

interface StepProps {
  id: string;
  hop: PacketTraceHop | undefined;
  current: boolean;
  onClick(): void;
  onPoint(): void;
}

function Step({ id, hop, current, onClick, onPoint }: StepProps) {
  const language = useLanguage();
  if (hop === undefined) return null;
  const Icon = ICONS[hop.kind];
  const changed = changedFields(hop).size > 0;
  return (
    <div
      id={id}
      role="option"
      aria-selected={current}
      className={`${styles.step} ${hop.kind === 'drop' ? styles.drop : ''} ${changed ? styles.changed : ''}`}
      onClick={onClick}
      onPointerEnter={onPoint}
    >
      <Icon size={16} strokeWidth={1.5} aria-hidden />
      <span className={styles.message}>
        {hop.hook && <b>{hop.hook} </b>}
        {hop.device && !hop.hook && <code>{hop.device} </code>}
        {hopWords(language, hop.message)}
      </span>
      {(hop.comparisons ?? 0) + (hop.lookups ?? 0) > 0 && (
        <span className={styles.count}>{(hop.comparisons ?? 0) + (hop.lookups ?? 0)}</span>
      )}
    </div>
  );
}
