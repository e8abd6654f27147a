/** Who reaches whom: one packet from every pod to the chosen destination, and what became of each. */
import { useState } from 'react';
import type { PacketTrace } from '../../api/kubarium/packet-trace.ts';
import { packetsText } from '../i18n/areas/packets.ts';
import { useLanguage, useText } from '../i18n/text.ts';
import { showToast } from '../state/toasts.ts';
import { Button } from '../widgets/button.tsx';
import { hopWords } from './hop-words.ts';
import { endOf, endWords } from './places.ts';
import type { Choices } from './send-form.tsx';
import { isDelivered } from './trace-model.ts';
import { traceKey } from './trace-names.ts';
import { useSend } from './use-traces.ts';
import { usePackets } from '../state/packets-view.ts';
import styles from './matrix.module.css';

/** Pods that send. */
const MAX_PODS = 25;

/** The table. */
export function Matrix({ traces, choices: { sources, spec, from, to, port } }: { traces: readonly PacketTrace[]; choices: Choices }) {
  const t = useText(packetsText);
  const language = useLanguage();
  const send = useSend();
  const [keys, setKeys] = useState<readonly string[]>([]);
  const set = usePackets((state) => state.set);
  const run = async () => {
    if (spec === undefined) return;
    setKeys([]);
    set({ from, to, port }); // The form stays as it is while other pods send.
    const pods = sources.filter(({ group }) => group === 'pods').slice(0, MAX_PODS);
    for (const { value } of pods) {
      try {
        const key = await send({ ...spec, from: endOf(value), count: 1, compare: [] });
        setKeys((known) => [...known, key]);
      } catch (error) {
        showToast({ tone: 'error', text: t('refused'), detail: error instanceof Error ? error.message : String(error) });
        return;
      }
    }
  };
  const rows = keys.flatMap((key) => traces.filter((trace) => traceKey(trace) === key));
  return (
    <div className={styles.matrix}>
      <p className={styles.bar}>
        {spec ? t('matrix.lead', { to: `${endWords(spec.to)}${spec.port ? `:${spec.port}` : ''}` }) : t('matrix.none')}
        <Button disabled={spec === undefined} onClick={() => void run()}>
          {t('matrix.run')}
        </Button>
      </p>
      {rows.length > 0 && (
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{t('matrix.pod')}</th>
              <th scope="col">{t('matrix.verdict')}</th>
              <th scope="col">{t('matrix.why')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((trace) => {
              const status = trace.status ?? {};
              const good = isDelivered(status);
              return (
                <tr key={traceKey(trace)}>
                  <th scope="row">
                    <button type="button" onClick={() => set({ trace: traceKey(trace), step: 0, mode: 'picture' })}>
                      {endWords(trace.spec.from)}
                    </button>
                  </th>
                  <td className={good ? styles.good : styles.bad}>
                    {good ? '✓' : '✕'} {hopWords(language, status.verdict ?? status.phase ?? '')}
                  </td>
                  <td>{good ? status.backend : hopWords(language, status.message ?? '')}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </div>
  );
}
