/** The log of a container: fetched when it is opened, and again every second while it is followed and time runs. */
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { StatusError } from '../../apimachinery/status.ts';
import { useClock, useCluster } from '../cluster/hooks.ts';
import { inspectorText } from '../i18n/areas/inspector.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../widgets/button.tsx';
import styles from './logs-tab.module.css';
import type { Pod } from '../../api/generated/types.ts';

const POLL_MS = 1000;
const TAIL = 1000;

interface LogsTabProps {
  pod: Pod;
  /** Absent: the first container. */
  container: string | undefined;
  previous: boolean;
}

/** The tab. */
export function LogsTab({ pod, container: first, previous: startPrevious }: LogsTabProps) {
  const t = useText(inspectorText);
  const { connection } = useCluster();
  const paused = useClock()?.paused ?? true;
  const names = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].map(({ name }) => name);
  const [container, setContainer] = useState(first ?? pod.spec.containers[0]?.name ?? '');
  const [previous, setPrevious] = useState(startPrevious);
  const [follow, setFollow] = useState(true);
  const [text, setText] = useState<string | undefined>(undefined);
  const [error, setError] = useState('');
  const view = useRef<HTMLPreElement>(null);
  const { name, namespace = 'default' } = pod.metadata;

  const fetchLog = useCallback(async () => {
    try {
      const { text: now } = await connection.control('log', { namespace, pod: name, container, previous, tailLines: TAIL });
      setText(now);
      setError('');
    } catch (thrown) {
      setError(thrown instanceof StatusError ? thrown.message : String(thrown));
    }
  }, [connection, namespace, name, container, previous]);
  useEffect(() => {
    void fetchLog();
    if (!follow || paused) return undefined;
    const timer = setInterval(() => void fetchLog(), POLL_MS);
    return () => clearInterval(timer);
  }, [fetchLog, follow, paused]);
  useLayoutEffect(() => {
    if (follow && view.current) view.current.scrollTop = view.current.scrollHeight;
  }, [text, follow]);

  return (
    <div className={styles.logs}>
      <div className={styles.bar}>
        <label className={styles.field}>
          {t('logs.container')}
          <select value={container} onChange={(event) => setContainer(event.target.value)}>
            {names.map((option) => (
              <option key={option}>{option}</option>
            ))}
          </select>
        </label>
        <label className={styles.field}>
          <input type="checkbox" checked={previous} onChange={(event) => setPrevious(event.target.checked)} />
          {t('logs.previous')}
        </label>
        <label className={styles.field}>
          <input type="checkbox" checked={follow} onChange={(event) => setFollow(event.target.checked)} />
          {t('logs.follow')}
        </label>
        <Button look="plain" onClick={() => void fetchLog()}>
          {t('logs.refresh')}
        </Button>
      </div>
      <p className={styles.command}>
        $ kubectl logs {name} -c {container}
        {namespace !== 'default' && ` -n ${namespace}`}
        {previous && ' --previous'}
      </p>
      {error ? (
        <p className={styles.error} role="alert">
          {error}
        </p>
      ) : (
        <pre ref={view} className={styles.text} tabIndex={0} aria-label={t('logs.label', { container })}>
          {text === '' ? <span className={styles.muted}>{t('logs.empty')}</span> : text}
        </pre>
      )}
    </div>
  );
}
