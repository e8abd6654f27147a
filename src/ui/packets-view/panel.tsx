/**
 * View 2, packets: choose two places, press Send, and follow the packet through namespaces, devices, routes and the rules of this cluster,
 * beside the same packet under another proxy mode. The picture is a view of a PacketTrace and says so.
 */
import { ChevronLeft, ChevronRight } from 'lucide-react';
import type { PacketTrace } from '../../api/kubarium/packet-trace.ts';
import { packetsText } from '../i18n/areas/packets.ts';
import { useText } from '../i18n/text.ts';
import { IconButton } from '../widgets/button.tsx';
import { Choice } from '../widgets/choice.tsx';
import { EmptyState } from '../widgets/empty-state.tsx';
import { AddressLine } from './address-line.tsx';
import { Cost } from './cost.tsx';
import { Matrix } from './matrix.tsx';
import { Path } from './path.tsx';
import { endWords } from './places.ts';
import { Rules } from './rules.tsx';
import { SendForm } from './send-form.tsx';
import { TextTwin } from './text-twin.tsx';
import { traceKey, useTraces } from './use-traces.ts';
import { Verdict } from './verdict.tsx';
import { usePackets } from './view-state.ts';
import styles from './panel.module.css';

/** The panel. */
export function Panel() {
  const traces = useTraces();
  const { trace: chosen, mode } = usePackets();
  const trace = traces.find((one) => traceKey(one) === chosen) ?? traces[0];
  return (
    <div className={styles.panel}>
      <SendForm proxyMode={trace?.status?.proxyMode} />
      <Bar traces={traces} trace={trace} />
      {mode === 'cost' ? <Cost /> : mode === 'matrix' ? <Matrix traces={traces} /> : trace ? <Trace trace={trace} /> : <Nothing />}
    </div>
  );
}

function Bar({ traces, trace }: { traces: readonly PacketTrace[]; trace: PacketTrace | undefined }) {
  const t = useText(packetsText);
  const { mode, set } = usePackets();
  return (
    <div className={styles.bar}>
      {traces.length > 0 && (
        <label className={styles.traces}>
          <span>{t('trace')}</span>
          <select value={trace && traceKey(trace)} onChange={(event) => set({ trace: event.target.value, step: 0 })}>
            {traces.map((one) => (
              <option key={traceKey(one)} value={traceKey(one)}>
                {one.metadata.name}: {endWords(one.spec.from)} → {endWords(one.spec.to)} {one.status?.verdict}
              </option>
            ))}
          </select>
        </label>
      )}
      <span className={styles.space} />
      <Choice
        label={t('show')}
        value={mode}
        options={[
          { value: 'picture', label: t('picture') },
          { value: 'text', label: t('text') },
          { value: 'matrix', label: t('matrix') },
          { value: 'cost', label: t('cost') },
        ]}
        onChange={(value) => set({ mode: value })}
      />
    </div>
  );
}

function Trace({ trace }: { trace: PacketTrace }) {
  const t = useText(packetsText);
  const { step: wanted, mode, set } = usePackets();
  const hops = trace.status?.hops ?? [];
  const step = Math.min(wanted, Math.max(hops.length - 1, 0));
  const onStep = (next: number) => set({ step: next });
  const hop = hops[step];
  const compared = trace.status?.compared ?? [];
  return (
    <>
      <Verdict trace={trace} />
      {mode === 'text' ? (
        <TextTwin hops={hops} step={step} onStep={onStep} />
      ) : (
        <div className={styles.columns} data-columns={2 + compared.length}>
          <Path hops={hops} step={step} onStep={onStep} />
          <Rules hops={hops} step={step} title={`${t('rules')}: ${trace.status?.proxyMode ?? ''}`} onStep={onStep} />
          {compared.map((other) => (
            <Rules key={other.mode} hops={other.hops} step={-1} title={t('rules.of', { mode: other.mode })} />
          ))}
        </div>
      )}
      {hop && (
        <div className={styles.footer}>
          <span className={styles.stepper}>
            <IconButton icon={ChevronLeft} label={t('step.back')} disabled={step === 0} onClick={() => onStep(step - 1)} />
            <span role="status">{t('step', { n: step + 1, all: hops.length })}</span>
            <IconButton
              icon={ChevronRight}
              label={t('step.forward')}
              disabled={step === hops.length - 1}
              onClick={() => onStep(step + 1)}
            />
          </span>
          <AddressLine hop={hop} />
        </div>
      )}
    </>
  );
}

function Nothing() {
  const t = useText(packetsText);
  return (
    <div className={styles.nothing}>
      <EmptyState title={t('empty.title')}>{t('empty.hint')}</EmptyState>
    </div>
  );
}
