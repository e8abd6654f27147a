/** The queue: pods that wait for a node, lane by lane; a click shows what the scheduler said of a pod. */
import { useNow } from '../cluster/hooks.ts';
import { schedulerText } from '../i18n/areas/scheduler.ts';
import { useText } from '../i18n/text.ts';
import { clockText, LANES, lanesOf } from './queue-lanes.ts';
import styles from './lanes.module.css';
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';
import type { Pod } from '../../api/generated/types.ts';
import type { QueuedPod } from './queue-lanes.ts';

const MOST = 8;

interface LanesProps {
  pods: readonly Pod[];
  failed: readonly SchedulingDecision[];
  chosen: string | undefined;
  onChoose(pod: Pod): void;
}

/** The lanes in one line. */
export function Lanes({ pods, failed, chosen, onChoose }: LanesProps) {
  const t = useText(schedulerText);
  const now = useNow();
  const lanes = lanesOf(pods, failed, now);
  const shown = LANES.filter((lane) => lane !== 'gated' || lanes.gated.length > 0);
  return (
    <section className={styles.queue} aria-label={t('queue')}>
      {shown.map((lane) => (
        <div key={lane} className={styles.lane}>
          <span className={styles.name} id={`lane-${lane}`}>
            {t(`lane.${lane}`)} <b>{lanes[lane].length}</b>
          </span>
          <ul className={styles.pods} aria-labelledby={`lane-${lane}`}>
            {lanes[lane].slice(0, MOST).map((queued) => (
              <li key={queued.pod.metadata.uid}>
                <Chip queued={queued} chosen={queued.pod.metadata.uid === chosen} onChoose={onChoose} />
              </li>
            ))}
            {lanes[lane].length > MOST && <li className={styles.more}>{t('lane.more', { count: lanes[lane].length - MOST })}</li>}
          </ul>
        </div>
      ))}
    </section>
  );
}

function Chip({ queued, chosen, onChoose }: { queued: QueuedPod; chosen: boolean; onChoose(pod: Pod): void }) {
  const t = useText(schedulerText);
  const { pod, leftMs, attempts } = queued;
  const { name, namespace = '' } = pod.metadata;
  const left = leftMs === undefined ? undefined : clockText(leftMs);
  const title = `${t('lane.podTitle', { namespace, name, attempts })}${left === undefined ? '' : `, ${t('lane.left', { left })}`}`;
  return (
    <button type="button" className={styles.chip} aria-pressed={chosen} title={title} onClick={() => onChoose(pod)}>
      <span className={styles.podName}>{name}</span>
      {left !== undefined && <span className={styles.left}>≤ {left}</span>}
    </button>
  );
}
