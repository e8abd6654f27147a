/**
 * View 2, packets: choose two places, press Send, and follow the packet through namespaces, devices, routes and the rules of this cluster,
 * beside the same packet under another proxy mode. The picture is a view of a PacketTrace and says so.
 */
import { Send } from 'lucide-react';
import { packetsText } from '../i18n/areas/packets.ts';
import { useText } from '../i18n/text.ts';
import { usePackets } from '../state/packets-view.ts';
import { Button } from '../widgets/button.tsx';
import { Choice } from '../widgets/choice.tsx';
import { EmptyState } from '../widgets/empty-state.tsx';
import { Cost } from './cost.tsx';
import { Matrix } from './matrix.tsx';
import { endWords } from './places.ts';
import { ProxyMode } from './proxy-mode.tsx';
import { SendForm, useChoices, useRun } from './send-form.tsx';
import type { Choices } from './send-form.tsx';
import { TraceView } from './trace-view.tsx';
import { traceKey } from './trace-names.ts';
import { useTraces } from './use-traces.ts';
import styles from './panel.module.css';

/** The panel. */
export function Panel() {
  const traces = useTraces();
  const { trace: chosen, mode } = usePackets();
  const choices = useChoices(traces[0]);
  const trace = traces.find((one) => traceKey(one) === chosen) ?? traces[0];
  return (
    <div className={styles.panel}>
      <SendForm choices={choices} />
      <Bar choices={choices} />
      {mode === 'cost' ? (
        <Cost />
      ) : mode === 'matrix' ? (
        <Matrix traces={traces} choices={choices} />
      ) : trace ? (
        <TraceView trace={trace} traces={traces} />
      ) : (
        <Nothing choices={choices} />
      )}
    </div>
  );
}

function Bar({ choices: { compare, modes } }: { choices: Choices }) {
  const t = useText(packetsText);
  const { mode, set } = usePackets();
  return (
    <div className={styles.bar}>
      <ProxyMode />
      <label className={styles.field}>
        <span>{t('compare')}</span>
        <select value={compare} onChange={(event) => set({ compare: event.target.value as typeof compare })}>
          {modes.map((one) => (
            <option key={one}>{one}</option>
          ))}
          <option value="none">{t('compare.none')}</option>
        </select>
      </label>
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

/** Before the first packet: the pair that is chosen, and the button again. */
function Nothing({ choices: { spec } }: { choices: Choices }) {
  const t = useText(packetsText);
  const { busy, run } = useRun();
  const pair = spec && { from: endWords(spec.from), to: `${endWords(spec.to)}${spec.port ? `:${spec.port}` : ''}` };
  return (
    <div className={styles.nothing}>
      <EmptyState
        title={t('empty.title')}
        actions={
          spec &&
          pair && (
            <Button icon={Send} disabled={busy} onClick={() => void run(spec)}>
              {t('empty.send', pair)}
            </Button>
          )
        }
      >
        {t('empty.hint')}
      </EmptyState>
    </div>
  );
}
