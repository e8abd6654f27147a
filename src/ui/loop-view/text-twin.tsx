/** The same requests as a table, for reading and for screen readers. */
import { loopText } from '../i18n/areas/loop.ts';
import { useText } from '../i18n/text.ts';
import { timeOf } from './diagram.tsx';
import { API_SERVER, objectOf } from './story.ts';
import type { Step } from './story.ts';
import styles from './text-twin.module.css';

interface TextTwinProps {
  steps: readonly Step[];
  selected: string | undefined;
  onSelect(id: string): void;
}

/** The table. */
export function TextTwin({ steps, selected, onSelect }: TextTwinProps) {
  const t = useText(loopText);
  return (
    <div className={styles.scroll} tabIndex={0} role="group" aria-label={t('diagram')}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{t('time')}</th>
            <th scope="col">{t('from')}</th>
            <th scope="col">{t('to')}</th>
            <th scope="col">{t('what')}</th>
            <th scope="col">{t('result')}</th>
          </tr>
        </thead>
        <tbody>
          {steps.map((step) => (
            <tr key={step.id} aria-current={step.id === selected || undefined}>
              <td className={styles.number}>{timeOf(step.at)}</td>
              <td>{step.kind === 'request' ? step.from : API_SERVER}</td>
              <td>{step.kind === 'request' ? API_SERVER : step.to}</td>
              <td>
                {step.kind === 'request' ? (
                  <button type="button" className={styles.open} onClick={() => onSelect(step.id)}>
                    {step.event.verb} {objectOf(step.event)}
                  </button>
                ) : (
                  t('watch', { resource: step.resource })
                )}
              </td>
              <td className={styles.number}>{resultOf(step, (revision) => t('revision', { revision }))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function resultOf(step: Step, revision: (value: string) => string): string {
  if (step.kind === 'watch') return '';
  const { code } = step.event.responseStatus;
  return step.written ? `${code}, ${revision(String(step.event.kubarium.revision))}` : String(code);
}
