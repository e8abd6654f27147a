/** What became of the packet: answered, or why not, who is to blame and what would mend it; where many connections went; DNS before it. */
import { CircleCheck, CircleX } from 'lucide-react';
import type { PacketTrace, PacketTraceStatus } from '../../api/kubarium/packet-trace.ts';
import { packetsText } from '../i18n/areas/packets.ts';
import { useText } from '../i18n/text.ts';
import { openInEditor } from '../state/documents.ts';
import { Button } from '../widgets/button.tsx';
import { endWords } from './places.ts';
import { costsOf, distributionOf, isDelivered } from './trace-model.ts';
import styles from './verdict.module.css';

/** The band below the form. */
export function Verdict({ trace }: { trace: PacketTrace }) {
  const t = useText(packetsText);
  const { spec, status = {} } = trace;
  if (status.phase !== 'Done' && status.phase !== 'Failed') return <p className={styles.band}>{t('waiting')}</p>;
  const good = isDelivered(status);
  const Icon = good ? CircleCheck : CircleX;
  const backend = [status.backendPod, status.backend].filter(Boolean).join(' · ');
  return (
    <div className={`${styles.band} ${good ? styles.good : styles.bad}`}>
      <p className={styles.line}>
        <Icon size={18} strokeWidth={1.5} aria-hidden />
        <b>{good ? t('delivered', { backend }) : t('failed', { verdict: status.verdict ?? '', message: status.message ?? '' })}</b>
        <span className={styles.soft}>
          {t('fromTo', { from: endWords(spec.from), to: `${endWords(spec.to)}${spec.port ? `:${spec.port}` : ''}` })}
        </span>
        <span className={styles.space} />
        <Button look="plain" onClick={() => void openInEditor(trace)}>
          {t('asYaml')}
        </Button>
      </p>
      {!good && (status.blame || status.repair) && (
        <p className={styles.why}>
          {status.blame &&
            t('blame', { kind: status.blame.kind, name: [status.blame.namespace, status.blame.name].filter(Boolean).join('/') })}{' '}
          {status.repair && t('repair', { repair: status.repair })}
        </p>
      )}
      <div className={styles.facts}>
        <Costs status={status} />
        <Questions status={status} />
      </div>
      {(spec.count ?? 1) > 1 && <Distribution status={status} count={spec.count ?? 1} />}
    </div>
  );
}

function Costs({ status }: { status: PacketTraceStatus }) {
  const t = useText(packetsText);
  return (
    <p className={styles.costs} title={t('model')}>
      {costsOf(status).map(({ mode, comparisons, lookups }) => (
        <span key={mode}>
          <b>{mode}</b> {t('totals', { comparisons, lookups })}
        </span>
      ))}
    </p>
  );
}

function Questions({ status: { questions = [] } }: { status: PacketTraceStatus }) {
  const t = useText(packetsText);
  if (questions.length === 0) return null;
  return (
    <details className={styles.questions}>
      <summary>
        {t('dns')} ({questions.length})
      </summary>
      <ol>
        {questions.map(({ name, type, server, result, answers }, index) => (
          <li key={index}>
            <code>{t('dns.question', { type, name, server, result })}</code> {answers.join(', ')}
          </li>
        ))}
      </ol>
    </details>
  );
}

function Distribution({ status, count }: { status: PacketTraceStatus; count: number }) {
  const t = useText(packetsText);
  return (
    <table className={styles.distribution}>
      <caption>{t('distribution', { n: count })}</caption>
      <tbody>
        {distributionOf(status).map(({ name, count: got, part }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>
              <meter min={0} max={1} value={part} aria-label={name} />
            </td>
            <td>{t('distribution.row', { count: got, percent: Math.round(part * 100) })}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
