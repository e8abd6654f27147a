/** Desired against actual, for objects that have replicas: what a control loop works on. */
import { useMemo } from 'react';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { AuditEvent } from '../../worker/protocol-views.ts';
import { useObject } from '../cluster/hooks.ts';
import { loopText } from '../i18n/areas/loop.ts';
import { useText } from '../i18n/text.ts';
import styles from './gauge.module.css';

interface Scalable extends KubernetesObject {
  spec?: { replicas?: number };
  status?: { readyReplicas?: number };
}

/** The gauge, or nothing. */
export function Gauge({ event: { objectRef } }: { event: AuditEvent }) {
  const t = useText(loopText);
  const { apiGroup: group = '', apiVersion: version, resource: plural, namespace, name } = objectRef;
  const ref = useMemo(() => ({ group, version, plural }), [group, version, plural]);
  const object = useObject<Scalable>(ref, namespace, name);
  const desired = object?.spec?.replicas;
  if (desired === undefined) return null;
  const actual = object?.status?.readyReplicas ?? 0;
  return (
    <span className={styles.gauge}>
      <b>{objectRef.name}</b> {t('desired', { n: String(desired) })}
      <meter min={0} max={Math.max(desired, actual, 1)} value={actual} aria-label={t('actual', { n: String(actual) })} />
      {t('actual', { n: String(actual) })}
    </span>
  );
}
