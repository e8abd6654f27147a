/** What became of the packet: answered, or why not, who is to blame and what would mend it; where many connections went; DNS before it. */
import { CircleCheck, CircleX, FileCode2, RotateCw, TriangleAlert } from 'lucide-react';
import type { PacketTrace, PacketTraceEnd, PacketTraceStatus } from '../../api/kubarium/packet-trace.ts';
import { packetsText } from '../i18n/areas/packets.ts';
import { useLanguage, useText } from '../i18n/text.ts';
import { openInEditor } from '../state/documents.ts';
import { IconButton } from '../widgets/button.tsx';
import { hopWords } from './hop-words.ts';
import { OwnerLink } from './owner-link.tsx';
import { endWords } from './places.ts';
import { useRun } from './send-form.tsx';
import { traceKey } from './trace-names.ts';
import { usePackets } from '../state/packets-view.ts';
import { costsOf, distributionOf, isDelivered, remarksOf } from './trace-model.ts';
import styles from './verdict.module.css';

/** The band below the form. */
export function Verdict({ trace, traces }: { trace: PacketTrace; traces: readonly PacketTrace[] }) {
  const t = useText(packetsText);
  const language = useLanguage();
  const { spec, status = {} } = trace;
  const { busy, run } = useRun();
  if (status.phase !== 'Done' && status.phase !== 'Failed') return <p className={styles.band}>{t('waiting')}</p>;
  const verdict = status.verdict === undefined ? t('unsent') : hopWords(language, status.verdict);
  const good = isDelivered(status);
  const Icon = good ? CircleCheck : CircleX;
  const backend = [status.backendPod, status.backend].filter(Boolean).join(' · ');
  return (
    <div className={`${styles.band} ${good ? styles.good : styles.bad}`}>
      <p className={styles.line}>
        <Icon size={18} strokeWidth={1.5} aria-hidden />
        <b>{good ? t('delivered', { backend }) : t('failed', { verdict, message: hopWords(language, status.message ?? '') })}</b>
        <span className={styles.actions}>
          {traces.length > 1 && <TraceSelect trace={trace} traces={traces} />}
          <IconButton icon={RotateCw} label={t('again')} disabled={busy} onClick={() => void run(spec)} />
          <IconButton icon={FileCode2} label={t('asYaml')} onClick={() => void openInEditor(trace)} />
        </span>
      </p>
      {!good && (status.blame || status.repair) && (
        <p className={styles.why}>
          {status.blame && (
            <>
              {t('blame')} <OwnerLink owner={status.blame} />{' '}
            </>
          )}
          {status.repair && (
            <>
              {t('repair')} <code>{status.repair}</code>
            </>
          )}
        </p>
      )}
      <div className={styles.facts}>
        {status.proxyMode !== undefined && <Costs status={status} />}
        {good && <Remarks message={status.message} />}
        <Questions status={status} />
      </div>
      {(spec.count ?? 1) > 1 && status.endpoints !== undefined && <Distribution status={status} count={spec.count ?? 1} />}
    </div>
  );
}

/** Without the namespace that goes without saying. */
const shortEnd = (end: PacketTraceEnd): string => endWords(end).replace(/^(svc\/)?default\//, '$1');

/** Which trace is shown: those before it stay until there are too many. */
function TraceSelect({ trace, traces }: { trace: PacketTrace; traces: readonly PacketTrace[] }) {
  const t = useText(packetsText);
  const language = useLanguage();
  const set = usePackets((state) => state.set);
  return (
    <select
      className={styles.traces}
      aria-label={t('trace')}
      value={traceKey(trace)}
      onChange={(event) => set({ trace: event.target.value, step: 0 })}
    >
      {traces.map((one) => (
        <option key={traceKey(one)} value={traceKey(one)}>
          {shortEnd(one.spec.from)} → {shortEnd(one.spec.to)}
          {one.spec.port ? `:${one.spec.port}` : ''}{' '}
          {isDelivered(one.status ?? {}) ? '✓' : `✕ ${hopWords(language, one.status?.verdict ?? '')}`} ({one.metadata.name})
        </option>
      ))}
    </select>
  );
}

/** What else is to be said of a packet that arrived: above all a policy that nobody enforces. */
function Remarks({ message = '' }: { message: string | undefined }) {
  const t = useText(packetsText);
  const language = useLanguage();
  const remarks = remarksOf(message);
  if (remarks.length === 0) return null;
  return (
    <ul className={styles.remarks}>
      {remarks.map(({ text, warns }) => (
        <li key={text} className={warns ? styles.warning : styles.soft}>
          {warns && <TriangleAlert size={16} strokeWidth={1.5} aria-label={t('warning')} />} {hopWords(language, text)}
        </li>
      ))}
    </ul>
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
