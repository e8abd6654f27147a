/** One request unfolded: who asked, what the authorizers and each step of admission said, what was written, and what that changed. */
import { X } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import type { JsonChange } from '../../apimachinery/json-changes.ts';
import { jsonChanges } from '../../apimachinery/json-changes.ts';
import type { AuditEvent, StoreStep } from '../../worker/protocol-views.ts';
import { useCluster } from '../cluster/hooks.ts';
import { loopText } from '../i18n/areas/loop.ts';
import { useText } from '../i18n/text.ts';
import { IconButton } from '../widgets/button.tsx';
import { showKey } from '../state/store-view.ts';
import { ChangeTable } from '../widgets/change-table.tsx';
import { isWritten, objectOf } from './story.ts';
import styles from './details.module.css';

const MAX_CHANGES = 60;

/** The details. */
export function Details({ event, onClose }: { event: AuditEvent; onClose(): void }) {
  const t = useText(loopText);
  const { user, userAgent, annotations, kubarium, responseStatus, requestURI, verb } = event;
  const decision = annotations['authorization.k8s.io/decision'];
  const changes = useChanges(event);
  return (
    <section className={styles.details} aria-label={t('details')}>
      <header className={styles.header}>
        <h2>
          {verb} {objectOf(event)}
        </h2>
        <IconButton icon={X} label={t('close')} onClick={onClose} />
      </header>
      <ol className={styles.steps}>
        <Part title={t('step.request')}>
          <code>
            {verb} {requestURI}
          </code>
        </Part>
        <Part title={t('step.authentication')}>
          {t('user', { name: user.username, groups: user.groups.join(', ') || '-' })}{' '}
          <span className={styles.soft}>{t('agent', { agent: userAgent })}</span>
        </Part>
        <Part title={t('step.authorization')}>
          <b className={decision === 'forbid' ? styles.bad : styles.good}>
            {decision === undefined ? t('noDecision') : decision === 'forbid' ? t('forbidden') : t('allowed')}
          </b>{' '}
          {annotations['authorization.k8s.io/reason']}
          {kubarium.rule && <code className={styles.rule}>{t('rule', { rule: JSON.stringify(kubarium.rule) })}</code>}
        </Part>
        {verb !== 'get' && verb !== 'list' && (
          <Part title={t('step.admission')}>
            <Admission event={event} />
          </Part>
        )}
        <Part title={t('step.answer')}>
          <b className={responseStatus.code >= 400 ? styles.bad : styles.good}>{responseStatus.code}</b> {responseStatus.reason}{' '}
          {responseStatus.message}
        </Part>
        {isWritten(event) && (
          <Part title={t('step.store')}>
            <Stored event={event} changes={changes} />
          </Part>
        )}
      </ol>
    </section>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <li className={styles.part}>
      <h3>{title}</h3>
      <div>{children}</div>
    </li>
  );
}

function Admission({ event: { kubarium } }: { event: AuditEvent }) {
  const t = useText(loopText);
  if (kubarium.admission.length === 0) return t('admission.none');
  return (
    <ul className={styles.plugins}>
      {kubarium.admission.map(({ plugin, phase, outcome, changes = [], message = '' }, index) => (
        <li key={index}>
          <b className={outcome === 'refused' ? styles.bad : undefined}>
            {outcome === 'refused' ? t('admission.refused', { plugin, message }) : t('admission.changed', { plugin })}
          </b>{' '}
          <span className={styles.soft}>({phase})</span>
          {changes.length > 0 && <ChangeTable changes={changes} />}
        </li>
      ))}
    </ul>
  );
}

/** `undefined`: still asked for; `'unknown'`: compacted. */
type Changes = { step: StoreStep; changes: JsonChange[] } | 'unknown' | 'none' | undefined;

function Stored({ event: { kubarium }, changes }: { event: AuditEvent; changes: Changes }) {
  const t = useText(loopText);
  const revision = String(kubarium.revision);
  if (changes === 'none') return t('store.noChange', { revision });
  return (
    <>
      {t('store.written', { revision })}
      {changes === 'unknown' && <p className={styles.soft}>{t('object.unknown')}</p>}
      {typeof changes === 'object' && (
        <>
          <p>
            <code>{changes.step.key}</code>{' '}
            <button type="button" className={styles.link} onClick={() => showKey(changes.step.key, kubarium.revision)}>
              {t('store.show')}
            </button>
          </p>
          {changes.step.before === undefined && <p>{t('object.created')}</p>}
          {changes.step.after === undefined && <p>{t('object.deleted')}</p>}
          {changes.step.before !== undefined && changes.step.after !== undefined && <ChangeTable changes={changes.changes} />}
        </>
      )}
    </>
  );
}

/** What the request's revision did to its object. */
function useChanges(event: AuditEvent): Changes {
  const { connection } = useCluster();
  const [known, setKnown] = useState<{ id: number; changes: Changes }>();
  const { id, revision } = event.kubarium;
  const { name = '', namespace = '' } = event.objectRef;
  const written = isWritten(event);
  useEffect(() => {
    if (!written) return;
    let gone = false;
    connection.control('storeRevision', { revision }).then(
      (steps) => {
        if (!gone) setKnown({ id, changes: changesOf(steps, namespace, name) });
      },
      () => undefined, // without an answer the changes are left out
    );
    return () => {
      gone = true;
    };
  }, [connection, id, revision, written, namespace, name]);
  return known?.id === id ? known.changes : undefined;
}

function changesOf(steps: readonly StoreStep[] | undefined, namespace: string, name: string): Changes {
  if (steps === undefined) return 'unknown';
  const ending = namespace ? `/${namespace}/${name}` : `/${name}`;
  const step = steps.find(({ key }) => key.endsWith(ending));
  // The revision belongs to another object: this write changed nothing, and none was made for it.
  if (step === undefined) return 'none';
  return { step, changes: jsonChanges(withoutManagers(step.before), withoutManagers(step.after), MAX_CHANGES) };
}

function withoutManagers(object: StoreStep['before']): unknown {
  return object && { ...object, metadata: { ...object.metadata, managedFields: undefined } };
}
