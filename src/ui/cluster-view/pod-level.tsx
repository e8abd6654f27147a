/** Inside a pod: the network namespace with its containers around the pause process, and the volumes they share. */
import { Cylinder, FileKey2, FileText, Folder, Ticket } from 'lucide-react';
import { clusterViewText } from '../i18n/areas/cluster-view.ts';
import { useText } from '../i18n/text.ts';
import { containerState } from '../model/container-state.ts';
import styles from './levels.module.css';
import type { LucideIcon } from 'lucide-react';
import type { Container, ContainerStatus, Pod, Volume } from '../../api/generated/types.ts';

const SOURCES: readonly [keyof Volume, string, LucideIcon][] = [
  ['persistentVolumeClaim', 'PersistentVolumeClaim', Ticket],
  ['configMap', 'ConfigMap', FileText],
  ['secret', 'Secret', FileKey2],
  ['hostPath', 'hostPath', Folder],
  ['emptyDir', 'emptyDir', Cylinder],
  ['projected', 'projected', FileKey2],
  ['downwardAPI', 'downwardAPI', FileText],
];

/** What a volume is made of, with its picture. */
function sourceOf(volume: Volume): { name: string; Icon: LucideIcon } {
  const found = SOURCES.find(([field]) => volume[field] !== undefined);
  return found ? { name: found[1], Icon: found[2] } : { name: 'volume', Icon: Cylinder };
}

interface ContainerCardProps {
  container: Container;
  status: ContainerStatus | undefined;
  role: 'init' | 'sidecar' | 'main';
  selected: boolean;
  onOpen(name: string): void;
}

function ContainerCard({ container, status, role, selected, onOpen }: ContainerCardProps) {
  const t = useText(clusterViewText);
  const state = containerState(status);
  return (
    <button
      type="button"
      className={`${styles.container} ${styles[role]}`}
      data-tone={state.tone}
      aria-pressed={selected}
      title={t('frame.open', { name: container.name })}
      onClick={() => onOpen(container.name)}
    >
      <span className={styles.containerName}>
        <span aria-hidden="true">{state.glyph}</span> {container.name}
      </span>
      <span className={styles.small}>{container.image}</span>
      <span className={styles.small}>
        {state.text}
        {status && status.restartCount > 0 && ` · ${t('restarts', { n: status.restartCount })}`}
      </span>
      {role !== 'main' && <span className={styles.tag}>{t(`frame.${role}`)}</span>}
    </button>
  );
}

/** The picture of a pod. */
export function PodLevel({ pod, onOpen }: { pod: Pod; onOpen(container: string): void }) {
  const t = useText(clusterViewText);
  const { spec, status } = pod;
  const statusOf = (name: string) =>
    [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].find((one) => one.name === name);
  const card = (container: Container, role: ContainerCardProps['role']) => (
    <ContainerCard
      key={container.name}
      container={container}
      status={statusOf(container.name)}
      role={role}
      selected={false}
      onOpen={onOpen}
    />
  );
  const address = status?.podIP ?? (spec.nodeName ? t('frame.noAddress') : t('frame.scheduling'));
  return (
    <div className={styles.level}>
      <section className={styles.frame} aria-label={t('frame.network')}>
        <header className={styles.frameHeader}>
          <b>{spec.hostNetwork ? t('frame.hostNetwork') : t('frame.network')}</b>
          <code>{spec.hostNetwork ? address : `eth0 ${address}`}</code>
        </header>
        <div className={styles.containers}>
          {(spec.initContainers ?? []).map((container) => card(container, container.restartPolicy === 'Always' ? 'sidecar' : 'init'))}
          {spec.containers.map((container) => card(container, 'main'))}
          {!spec.hostNetwork && (
            <div className={styles.pause}>
              <span className={styles.ring} aria-hidden="true" />
              <span className={styles.small}>{t('frame.pause')}</span>
            </div>
          )}
        </div>
      </section>
      <section className={styles.volumes} aria-label={t('frame.volumes')}>
        <b>{t('frame.volumes')}</b>
        {!spec.volumes?.length && <span className={styles.small}>{t('frame.noVolumes')}</span>}
        <ul className={styles.volumeList}>
          {(spec.volumes ?? []).map((volume) => {
            const { name, Icon } = sourceOf(volume);
            const users = spec.containers.filter(({ volumeMounts }) => volumeMounts?.some((mount) => mount.name === volume.name));
            return (
              <li key={volume.name} className={styles.volume}>
                <Icon size={18} strokeWidth={1.5} aria-hidden />
                <span>
                  {volume.name}
                  <span className={styles.small}> {name}</span>
                </span>
                <span className={styles.small}>▸ {users.map((user) => user.name).join(', ') || '–'}</span>
              </li>
            );
          })}
        </ul>
      </section>
    </div>
  );
}

/** The picture of a container. */
export function ContainerLevel({ pod, name }: { pod: Pod; name: string }) {
  const t = useText(clusterViewText);
  const container = [...(pod.spec.initContainers ?? []), ...pod.spec.containers].find((one) => one.name === name);
  const status = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].find((one) => one.name === name);
  if (!container) return <p className={styles.level}>{t('container.gone')}</p>;
  const state = containerState(status);
  const { requests = {}, limits = {} } = container.resources ?? {};
  const command = [...(container.command ?? []), ...(container.args ?? [])];
  return (
    <div className={styles.level}>
      <section className={styles.frame} data-tone={state.tone}>
        <header className={styles.frameHeader}>
          <b>{t('container.process')}</b>
          <span>
            <span aria-hidden="true">{state.glyph}</span> {state.text}
          </span>
        </header>
        <dl className={styles.facts}>
          <dt>{t('container.image')}</dt>
          <dd>
            <code>{container.image}</code>
          </dd>
          <dt>{t('container.command')}</dt>
          <dd>{command.length ? <code>{command.join(' ')}</code> : <span className={styles.small}>{t('container.fromImage')}</span>}</dd>
          {!!container.ports?.length && (
            <>
              <dt>{t('container.ports')}</dt>
              <dd>
                {container.ports
                  .map(
                    ({ containerPort, protocol = 'TCP', name: port }) => `${String(containerPort)}/${protocol}${port ? ` (${port})` : ''}`,
                  )
                  .join(', ')}
              </dd>
            </>
          )}
          {!!container.env?.length && (
            <>
              <dt>{t('container.env')}</dt>
              <dd>
                <code className={styles.lines}>
                  {container.env.map(({ name: variable, value, valueFrom }) => `${variable}=${value ?? (valueFrom ? '…' : '')}`).join('\n')}
                </code>
              </dd>
            </>
          )}
        </dl>
      </section>
      <section className={styles.frame}>
        <header className={styles.frameHeader}>
          <b>{t('container.limits')}</b>
        </header>
        <dl className={styles.facts}>
          {(['cpu', 'memory'] as const).map((resource) => (
            <div key={resource} className={styles.pair}>
              <dt>{resource}</dt>
              <dd>
                {t('container.requests')} <code>{requests[resource] ?? t('container.none')}</code>, {t('container.limit')}{' '}
                <code>{limits[resource] ?? t('container.none')}</code>
              </dd>
            </div>
          ))}
        </dl>
      </section>
      <section className={styles.frame}>
        <header className={styles.frameHeader}>
          <b>{t('container.files')}</b>
        </header>
        <ul className={styles.volumeList}>
          <li className={styles.volume}>
            <code>/</code>
            <span className={styles.small}>{container.image}</span>
          </li>
          {(container.volumeMounts ?? []).map((mount) => (
            <li key={mount.mountPath} className={styles.volume}>
              <code>{mount.mountPath}</code>
              <span className={styles.small}>
                {t('container.mount', { volume: mount.name })}
                {mount.readOnly && `, ${t('container.readOnly')}`}
              </span>
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}
