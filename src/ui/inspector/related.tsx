/** What an object belongs to and what belongs to it, as links. */
import { JobResource } from '../../api/batch/job.ts';
import { ReplicaSetResource } from '../../api/apps/replica-set.ts';
import { controllerOf } from '../../apimachinery/meta.ts';
import { selectorFromSet } from '../../apimachinery/labels.ts';
import { useCalmList } from '../cluster/use-calm-list.ts';
import { PODS } from '../cluster/resources.ts';
import { clusterViewText } from '../i18n/areas/cluster-view.ts';
import { inspectorText } from '../i18n/areas/inspector.ts';
import { useText } from '../i18n/text.ts';
import { refOf } from '../model/evidence.ts';
import { podSummary } from '../model/pod-state.ts';
import { PodGlyph } from '../widgets/pod-glyph.tsx';
import { ObjectLink } from './object-link.tsx';
import { Section } from './section.tsx';
import styles from './related.module.css';
import type { ResourceRef } from '../cluster/live-store.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { Pod, Service } from '../../api/generated/types.ts';

const MOST = 24;

/** Where the objects that a kind owns are found. */
const OWNED: Record<string, ResourceRef> = {
  Deployment: ReplicaSetResource,
  CronJob: JobResource,
  ReplicaSet: PODS,
  ReplicationController: PODS,
  StatefulSet: PODS,
  DaemonSet: PODS,
  Job: PODS,
};

/** The parts that apply. */
export function Related({ object }: { object: KubernetesObject }) {
  const t = useText(inspectorText);
  const owner = controllerOf(object);
  return (
    <>
      {owner && (
        <Section title={t('section.owner')}>
          <p>
            {owner.kind} <ObjectLink to={{ ...owner, ...(object.metadata.namespace && { namespace: object.metadata.namespace }) }} />
          </p>
        </Section>
      )}
      {OWNED[object.kind] && <Owned owner={object} resource={OWNED[object.kind] as ResourceRef} />}
      {object.kind === 'Node' && <PodsWhere title={t('section.onNode')} test={({ spec }) => spec.nodeName === object.metadata.name} />}
      {object.kind === 'Service' && <Selected service={object as Service} />}
    </>
  );
}

function Owned({ owner, resource }: { owner: KubernetesObject; resource: ResourceRef }) {
  const t = useText(inspectorText);
  const { items } = useCalmList<KubernetesObject>(resource, { namespace: owner.metadata.namespace });
  const owned = items.filter((item) => controllerOf(item)?.uid === owner.metadata.uid);
  return <ObjectList title={t('section.owned')} objects={owned} />;
}

function Selected({ service }: { service: Service }) {
  const t = useText(inspectorText);
  const wanted = service.spec?.selector;
  if (!wanted || !Object.keys(wanted).length) return null;
  const selector = selectorFromSet(wanted);
  return (
    <PodsWhere
      title={t('section.selects')}
      test={({ metadata }) => metadata.namespace === service.metadata.namespace && selector.matches(metadata.labels)}
    />
  );
}

function PodsWhere({ title, test }: { title: string; test(pod: Pod): boolean }) {
  const { items } = useCalmList<Pod>(PODS);
  return <ObjectList title={title} objects={items.filter(test)} />;
}

const replicasOf = (object: KubernetesObject): string => {
  const { spec, status } = object as { spec?: { replicas?: number }; status?: { readyReplicas?: number } };
  return spec?.replicas === undefined ? '' : `${String(status?.readyReplicas ?? 0)}/${String(spec.replicas)}`;
};

function ObjectList({ title, objects }: { title: string; objects: readonly KubernetesObject[] }) {
  const t = useText(inspectorText);
  const say = useText(clusterViewText);
  return (
    <Section title={title} note={objects.length}>
      {objects.length === 0 && <p className={styles.muted}>{t('none')}</p>}
      <ul className={styles.list}>
        {objects.slice(0, MOST).map((object) => (
          <li key={object.metadata.uid} className={styles.item}>
            {object.kind === 'Pod' ? (
              <PodGlyph state={podSummary(object as Pod).state} size={16} />
            ) : (
              <span className={styles.muted}>{object.kind}</span>
            )}
            <ObjectLink to={refOf(object)} />
            <span className={styles.muted}>
              {object.kind === 'Pod' ? say(`state.${podSummary(object as Pod).state}`) : replicasOf(object)}
            </span>
          </li>
        ))}
      </ul>
      {objects.length > MOST && <p className={styles.muted}>{t('more', { count: objects.length - MOST })}</p>}
    </Section>
  );
}
