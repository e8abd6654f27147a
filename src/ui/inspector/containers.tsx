/** The containers of a pod: state, image, ports, restarts, and the way to their logs. */
import { inspectorText } from '../i18n/areas/inspector.ts';
import { useText } from '../i18n/text.ts';
import { containerState } from '../model/container-state.ts';
import { Section } from './section.tsx';
import styles from './containers.module.css';
import type { Container, ContainerStatus, Pod } from '../../api/generated/types.ts';

/** The list. */
export function Containers({ pod, onLog }: { pod: Pod; onLog(container: string, previous: boolean): void }) {
  const t = useText(inspectorText);
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  const init = new Set((pod.spec.initContainers ?? []).map(({ name }) => name));
  return (
    <Section title={t('section.containers')}>
      <ul className={styles.list}>
        {[...(pod.spec.initContainers ?? []), ...pod.spec.containers].map((container) => (
          <ContainerRow
            key={container.name}
            container={container}
            status={statuses.find(({ name }) => name === container.name)}
            isInit={init.has(container.name)}
            onLog={onLog}
          />
        ))}
      </ul>
    </Section>
  );
}

interface RowProps {
  container: Container;
  status: ContainerStatus | undefined;
  isInit: boolean;
  onLog(container: string, previous: boolean): void;
}

function ContainerRow({ container, status, isInit, onLog }: RowProps) {
  const t = useText(inspectorText);
  const state = containerState(status);
  const last = status?.lastState?.terminated;
  const ports = (container.ports ?? []).map(({ containerPort, protocol }) => `${String(containerPort)}/${protocol ?? 'TCP'}`).join(', ');
  return (
    <li className={styles.container} data-tone={state.tone}>
      <div className={styles.line}>
        <b>{container.name}</b>
        {isInit && <span className={styles.muted}>{t('container.init')}</span>}
        <span className={styles.state}>
          <span aria-hidden="true">{state.glyph}</span> {state.text}
        </span>
      </div>
      <dl className={styles.facts}>
        <dt>{t('container.image')}</dt>
        <dd>
          <code>{container.image}</code>
        </dd>
        {ports && (
          <>
            <dt>{t('container.ports')}</dt>
            <dd>{ports}</dd>
          </>
        )}
        {!!status?.restartCount && (
          <>
            <dt>{t('container.restarts')}</dt>
            <dd>{status.restartCount}</dd>
          </>
        )}
        {last && (
          <>
            <dt>{t('container.last')}</dt>
            <dd>
              {last.reason ?? ''} (exit {last.exitCode})
            </dd>
          </>
        )}
      </dl>
      <button type="button" className={styles.logs} onClick={() => onLog(container.name, false)}>
        {t('container.logs')}
      </button>
    </li>
  );
}
