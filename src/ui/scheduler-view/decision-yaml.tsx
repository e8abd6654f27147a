/** The SchedulingDecision as YAML, long lists cut. */
import { useMemo } from 'react';
import { schedulerText } from '../i18n/areas/scheduler.ts';
import { useText } from '../i18n/text.ts';
import { forReading, objectText } from '../model/manifest-text.ts';
import styles from './decision-yaml.module.css';
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';

/** Longer lists are cut: at 5,000 nodes the whole object has some hundred thousand lines. */
const MOST = 40;

function cut(value: unknown): unknown {
  if (Array.isArray(value)) {
    const shown: unknown[] = value.slice(0, MOST).map(cut);
    return value.length > MOST ? [...shown, `… ${String(value.length - MOST)} more`] : shown;
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, cut(part)]));
}

/** The text. */
export function DecisionYaml({ decision }: { decision: SchedulingDecision }) {
  const t = useText(schedulerText);
  const text = useMemo(() => objectText(cut(forReading(decision)) as Record<string, unknown>), [decision]);
  return (
    <pre className={styles.text} tabIndex={0} aria-label={t('yaml.title')}>
      {`# kubectl get schedulingdecision ${decision.metadata.name} -n ${decision.metadata.namespace ?? 'default'} -o yaml\n`}
      {text}
    </pre>
  );
}
