/** "Why?": the chain of evidence for an object that is not well, each line with the way to what says so. */
import { CronJobResource } from '../../api/batch/cron-job.ts';
import { FaultResource } from '../../api/kubarium/fault.ts';
import { JobResource } from '../../api/batch/job.ts';
import { PersistentVolumeClaimResource } from '../../api/core/persistent-volume-claim.ts';
import { ReplicaSetResource } from '../../api/apps/replica-set.ts';
import { useNow } from '../cluster/hooks.ts';
import { useCalmList } from '../cluster/use-calm-list.ts';
import { EVENTS, NODES, PODS } from '../cluster/resources.ts';
import { inspectorText } from '../i18n/areas/inspector.ts';
import { speakEvidence } from './speak-evidence.ts';
import { useText } from '../i18n/text.ts';
import { why } from '../model/why.ts';
import { ObjectLink } from './object-link.tsx';
import { Section } from './section.tsx';
import styles from './why-card.module.css';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { EvidenceLink, WhyContext } from '../model/evidence.ts';
import type { Event, Node, Pod } from '../../api/generated/types.ts';
import type { Fault } from '../../api/kubarium/fault.ts';
import type { ReactNode } from 'react';

interface WhyCardProps {
  object: KubernetesObject;
  onLog(container: string, previous: boolean): void;
  onEvents(): void;
}

const faultsOn = (faults: readonly Fault[], node: string): Fault[] =>
  faults.filter(
    ({ spec, status }) => (spec.node === node || spec.nodes?.includes(node)) && spec.kind !== 'NodeUp' && status?.phase !== 'Done',
  );

/** The card; nothing when nothing needs explaining. */
export function WhyCard({ object, onLog, onEvents }: WhyCardProps) {
  const t = useText(inspectorText);
  const now = useNow();
  const { items: events } = useCalmList<Event>(EVENTS);
  const { items: nodes } = useCalmList<Node>(NODES);
  const { items: pods } = useCalmList<Pod>(PODS);
  const { items: faults } = useCalmList<Fault>(FaultResource);
  const parents: Record<string, readonly KubernetesObject[]> = {
    ReplicaSet: useCalmList<KubernetesObject>(ReplicaSetResource).items,
    Job: useCalmList<KubernetesObject>(JobResource).items,
    CronJob: useCalmList<KubernetesObject>(CronJobResource).items,
    PersistentVolumeClaim: useCalmList<KubernetesObject>(PersistentVolumeClaimResource).items,
  };
  const context: WhyContext = {
    now,
    events,
    nodes,
    pods,
    find: (kind, namespace, name) => parents[kind]?.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace),
    faultsOn: (node) => faultsOn(faults, node),
  };
  const lines = why(object, context);
  if (!lines.length) return null;
  return (
    <div className={styles.card}>
      <Section title={t('section.why')}>
        <ol className={styles.lines}>
          {lines.map((line, index) => (
            <li key={`${line.key}${String(index)}`}>
              <Linked link={line.link} onLog={onLog} onEvents={onEvents}>
                {speakEvidence(t, line)}
              </Linked>
            </li>
          ))}
        </ol>
      </Section>
    </div>
  );
}

function Linked({ link, onLog, onEvents, children }: { link?: EvidenceLink; children: ReactNode } & Omit<WhyCardProps, 'object'>) {
  if (!link || link.to === 'condition') return <span>{children}</span>;
  if (link.to === 'object') return <ObjectLink to={link.ref}>{children}</ObjectLink>;
  const open = link.to === 'logs' ? () => onLog(link.container, link.previous) : onEvents;
  return (
    <button type="button" className={styles.link} onClick={open}>
      {children}
    </button>
  );
}
