/** One trace: the verdict, the path beside the rules that it met and those of another proxy mode, and the step under the cursor. */
import { ChevronLeft, ChevronRight, CircleHelp } from 'lucide-react';
import { useId, useRef, useState } from 'react';
import type { PacketTrace, PacketTraceHop } from '../../api/kubarium/packet-trace.ts';
import { packetsText } from '../i18n/areas/packets.ts';
import { useText } from '../i18n/text.ts';
import { usePackets } from '../state/packets-view.ts';
import { Button, IconButton } from '../widgets/button.tsx';
import { Choice } from '../widgets/choice.tsx';
import { AddressLine } from './address-line.tsx';
import { Path } from './path.tsx';
import { RouteMap } from './route-map.tsx';
import { Rules } from './rules.tsx';
import { TextTwin } from './text-twin.tsx';
import { useWidth } from './use-width.ts';
import { Verdict } from './verdict.tsx';
import { WhyRules } from './why-rules.tsx';
import styles from './panel.module.css';

/** From these widths on, in rem, there is room for two and for three columns. */
const TWO_COLUMNS = 38;
const THREE_COLUMNS = 66;
const PATH = 'path';

/** Whether there is an answer to "Why this rule?". */
const isExplained = ({ rules = [], ipvs }: PacketTraceHop): boolean => rules.length > 0 || ipvs !== undefined;

/** The trace. */
export function TraceView({ trace, traces }: { trace: PacketTrace; traces: readonly PacketTrace[] }) {
  const { step: wanted, mode, why, set } = usePackets();
  const whyId = useId();
  const hops = trace.status?.hops ?? [];
  const step = Math.min(wanted, Math.max(hops.length - 1, 0));
  const onStep = (next: number) => set({ step: Math.min(Math.max(next, 0), hops.length - 1) });
  const hop = hops[step];
  return (
    <>
      <Verdict trace={trace} traces={traces} />
      {hops.length === 0 ? null : mode === 'text' ? (
        <TextTwin hops={hops} step={step} onStep={onStep} />
      ) : (
        <>
          <RouteMap hops={hops} step={step} onStep={onStep} />
          <Columns trace={trace} hops={hops} step={step} onStep={onStep} />
        </>
      )}
      {hop && (
        <div className={styles.foot}>
          {why && isExplained(hop) && <WhyRules id={whyId} hop={hop} />}
          <div className={styles.footer}>
            <Stepper hop={hop} step={step} all={hops.length} whyId={whyId} onStep={onStep} />
            <AddressLine hop={hop} />
          </div>
        </div>
      )}
    </>
  );
}

interface ColumnsProps {
  trace: PacketTrace;
  hops: readonly PacketTraceHop[];
  step: number;
  onStep(step: number): void;
}

/** Path, rules, and the rules of other modes; what has no room lies behind a choice. */
function Columns({ trace: { status = {} }, hops, step, onStep }: ColumnsProps) {
  const t = useText(packetsText);
  const { front, set } = usePackets();
  const [pointed, setPointed] = useState<number>();
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const { compared = [], proxyMode = '' } = status;
  const room = width >= THREE_COLUMNS ? 3 : width >= TWO_COLUMNS ? 2 : 1;
  const own = { value: proxyMode, title: t('rules', { mode: proxyMode }) };
  const columns = [own, ...compared.map(({ mode }) => ({ value: mode, title: t('rules.of', { mode }) }))];
  const tabs = room === 1 ? [{ value: PATH, title: t('path') }, ...columns] : columns;
  const chosen = tabs.find(({ value }) => value === front)?.value ?? tabs[0]?.value;
  const isShown = (value: string) => (room === 3 || tabs.length === 1 ? true : value === chosen);
  const showTabs = tabs.length > 1 && room < 1 + columns.length;
  const choice = showTabs && (
    <div className={styles.tabs}>
      <Choice
        label={t('column')}
        value={chosen ?? ''}
        options={tabs.map(({ value, title }) => ({ value, label: title }))}
        onChange={(value) => set({ front: value })}
      />
    </div>
  );
  const rules = (
    <>
      {isShown(own.value) && <Rules hops={hops} step={step} pointed={pointed} title={own.title} showTitle={!showTabs} onStep={onStep} />}
      {compared.map(({ mode, hops: others }, index) => {
        const title = columns[index + 1]?.title ?? '';
        return isShown(mode) && <Rules key={mode} hops={others} step={-1} title={title} showTitle={!showTabs} />;
      })}
    </>
  );
  return (
    <div ref={box} className={styles.body}>
      {room === 1 && choice}
      <div className={styles.columns} data-columns={Math.min(room, 1 + columns.length)}>
        {(room > 1 || isShown(PATH)) && <Path hops={hops} step={step} onStep={onStep} onPoint={setPointed} />}
        {room === 2 && choice ? (
          <div className={styles.side}>
            {choice}
            {rules}
          </div>
        ) : (
          rules
        )}
      </div>
    </div>
  );
}

interface StepperProps {
  hop: PacketTraceHop;
  step: number;
  all: number;
  whyId: string;
  onStep(step: number): void;
}

/** Step by step, and the question about the step. */
function Stepper({ hop, step, all, whyId, onStep }: StepperProps) {
  const t = useText(packetsText);
  const { why, set } = usePackets();
  const open = why && isExplained(hop);
  return (
    <span className={styles.stepper}>
      <IconButton icon={ChevronLeft} label={t('step.back')} disabled={step === 0} onClick={() => onStep(step - 1)} />
      <span role="status">{t('step', { n: step + 1, all })}</span>
      <IconButton icon={ChevronRight} label={t('step.forward')} disabled={step === all - 1} onClick={() => onStep(step + 1)} />
      <Button
        look="plain"
        icon={CircleHelp}
        title={t('why')}
        aria-expanded={open}
        aria-controls={open ? whyId : undefined}
        disabled={!isExplained(hop)}
        onClick={() => set({ why: !why })}
      >
        <span className={styles.whyWords}>{t('why')}</span>
      </Button>
    </span>
  );
}
