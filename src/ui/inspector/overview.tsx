/** The first tab: why it is not well, what kubectl's columns say, conditions, containers, relations, labels. */
import { humanDuration, parseTime } from '../../apimachinery/durations.ts';
import { resourceByKind } from '../../api/index.ts';
import { useNow } from '../cluster/hooks.ts';
import { inspectorText } from '../i18n/areas/inspector.ts';
import { useText } from '../i18n/text.ts';
import { Containers } from './containers.tsx';
import { Decision } from './decision.tsx';
import { ObjectLink } from './object-link.tsx';
import { Related } from './related.tsx';
import { Section } from './section.tsx';
import { WhyCard } from './why-card.tsx';
import styles from './overview.module.css';
import type { Condition, KubernetesObject } from '../../apimachinery/meta.ts';
import type { Pod } from '../../api/generated/types.ts';

interface OverviewProps {
  object: KubernetesObject;
  onLog(container: string, previous: boolean): void;
  onEvents(): void;
}

/** Columns whose cell names another object. */
const LINKED: Record<string, { apiVersion: string; kind: string; sameNamespace: boolean }> = {
  Node: { apiVersion: 'v1', kind: 'Node', sameNamespace: false },
  Volume: { apiVersion: 'v1', kind: 'PersistentVolume', sameNamespace: false },
  StorageClass: { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', sameNamespace: false },
};
const EMPTY = new Set(['', '<none>', '<unset>', '<unknown>']);

/** The tab. */
export function Overview({ object, onLog, onEvents }: OverviewProps) {
  return (
    <div className={styles.overview}>
      <WhyCard object={object} onLog={onLog} onEvents={onEvents} />
      <Facts object={object} />
      {object.kind === 'Pod' && <Containers pod={object as Pod} onLog={onLog} />}
      <Conditions object={object} />
      <Related object={object} />
      {object.kind === 'Pod' && <Decision pod={object as Pod} />}
      <Labels object={object} />
    </div>
  );
}

/** kubectl's columns, the wide ones too, as name and value: whatever the kind is, this is what it says of itself. */
function Facts({ object }: { object: KubernetesObject }) {
  const t = useText(inspectorText);
  const now = useNow();
  const columns = resourceByKind(object.apiVersion, object.kind)?.columns ?? [];
  const facts = columns
    .filter(({ name }) => name !== 'Name' && name !== 'Age')
    .map((column) => ({ name: column.name, value: String(column.value(object, now)) }));
  const { creationTimestamp } = object.metadata;
  return (
    <Section title={t('section.facts')}>
      <dl className={styles.facts}>
        {facts.map(({ name, value }) => {
          const target = LINKED[name];
          const link = target && !EMPTY.has(value) && value !== object.metadata.name;
          return (
            <div key={name} className={styles.fact}>
              <dt>{name}</dt>
              <dd>
                {link ? (
                  <ObjectLink to={{ apiVersion: target.apiVersion, kind: target.kind, name: value }} />
                ) : (
                  <span className={EMPTY.has(value) ? styles.muted : ''}>{value || '–'}</span>
                )}
              </dd>
            </div>
          );
        })}
        <div className={styles.fact}>
          <dt>{t('created')}</dt>
          <dd title={creationTimestamp}>{humanDuration(now - parseTime(creationTimestamp))}</dd>
        </div>
      </dl>
    </Section>
  );
}

/** True for conditions that are good when they are false. */
const isGoodWhenFalse = (type: string): boolean => /Pressure|Unavailable|Failure|^Failed|DisruptionTarget|^Terminating/.test(type);

function Conditions({ object }: { object: KubernetesObject }) {
  const t = useText(inspectorText);
  const now = useNow();
  const conditions = (object as { status?: { conditions?: Condition[] } }).status?.conditions ?? [];
  if (!conditions.length) return null;
  return (
    <Section title={t('section.conditions')}>
      <table className={styles.conditions}>
        <thead>
          <tr>
            <th scope="col">{t('column.type')}</th>
            <th scope="col">{t('column.status')}</th>
            <th scope="col">{t('column.since')}</th>
          </tr>
        </thead>
        <tbody>
          {conditions.map(({ type, status, reason, message, lastTransitionTime }) => {
            const good = status === (isGoodWhenFalse(type) ? 'False' : 'True');
            return (
              <tr key={type}>
                <th scope="row">
                  {type}
                  {!good && (reason || message) && (
                    <span className={styles.reason}>
                      {reason}
                      {message && `: ${message}`}
                    </span>
                  )}
                </th>
                <td className={good ? styles.good : styles.bad}>
                  <span aria-hidden="true">{good ? '✓' : '✕'}</span> {status}
                </td>
                <td>{lastTransitionTime ? humanDuration(now - parseTime(lastTransitionTime)) : ''}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </Section>
  );
}

function Labels({ object }: { object: KubernetesObject }) {
  const t = useText(inspectorText);
  const { labels = {}, annotations = {} } = object.metadata;
  const kept = Object.entries(annotations).filter(([key]) => key !== 'kubectl.kubernetes.io/last-applied-configuration');
  return (
    <>
      {Object.keys(labels).length > 0 && (
        <Section title={t('section.labels')}>
          <ul className={styles.labels}>
            {Object.entries(labels).map(([key, value]) => (
              <li key={key} className={styles.label}>
                {key}={value}
              </li>
            ))}
          </ul>
        </Section>
      )}
      {kept.length > 0 && (
        <Section title={t('section.annotations')}>
          <dl className={styles.facts}>
            {kept.map(([key, value]) => (
              <div key={key} className={styles.fact}>
                <dt>{key}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </Section>
      )}
    </>
  );
}
