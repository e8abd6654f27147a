/**
 * Who acts in the story: what waits in each one's work queue, what it was last refused, and a switch that stops it (a Fault of kind
 * ComponentStopped), so that a learner sees what is missing without it.
 */
import { CirclePause, CirclePlay } from 'lucide-react';
import type { Fault } from '../../api/kubarium/fault.ts';
import type { ComponentQueue } from '../../worker/protocol-views.ts';
import { useCluster, useList } from '../cluster/hooks.ts';
import type { ResourceRef } from '../cluster/live-store.ts';
import { loopText } from '../i18n/areas/loop.ts';
import { useText } from '../i18n/text.ts';
import { showToast } from '../state/toasts.ts';
import { noteUndo } from '../state/undo.ts';
import { IconButton } from '../widgets/button.tsx';
import { timeOf } from './diagram.tsx';
import type { Step } from './story.ts';
import { useQueues } from './use-trail.ts';
import styles from './queues.module.css';

const FAULTS: ResourceRef<Fault> = { group: 'kubarium.dev', version: 'v1alpha1', plural: 'faults' };
/** Keys told per queue. */
const MAX_LATER = 1;

/** Whether a Fault can stop it alone: controllers and the scheduler. */
const canStop = (actor: string): boolean => actor.endsWith('-controller') || actor === 'kube-scheduler';

/** The strip below the diagram. */
export function Queues({ lanes, steps }: { lanes: readonly string[]; steps: readonly Step[] }) {
  const t = useText(loopText);
  const queues = useQueues();
  const faults = useList(FAULTS).items;
  const stopped = (actor: string) => faults.find(({ spec }) => spec.kind === 'ComponentStopped' && spec.components?.includes(actor));
  const idle = { due: [], later: [] };
  const acting = [...new Set([...lanes.filter(canStop), ...faults.flatMap(({ spec }) => spec.components ?? []).filter(canStop)])];
  const rows: ComponentQueue[] = [
    ...acting.map((component) => queues.find((queue) => queue.component === component) ?? { component, ...idle }),
    ...queues.filter(({ component }) => !acting.includes(component)),
  ];
  return (
    <section className={styles.queues} aria-label={t('queues')}>
      <h2>{t('queues')}</h2>
      {rows.length === 0 && <p className={styles.none}>{t('queues.none')}</p>}
      <ul>
        {rows.map((row) => (
          <li key={row.component}>
            {canStop(row.component) && <StopSwitch actor={row.component} fault={stopped(row.component)} />}
            <Actor row={row} stopped={stopped(row.component) !== undefined} refusal={lastRefusal(steps, row.component)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Actor({
  row: { component, due, later },
  stopped,
  refusal,
}: {
  row: ComponentQueue;
  stopped: boolean;
  refusal: string | undefined;
}) {
  const t = useText(loopText);
  return (
    <span>
      <b>{component}</b> {stopped && <span className={styles.stopped}>{t('stop.stopped')}</span>}
      {due.length > 0 && <span className={styles.due}>{t('queues.due', { n: due.length })}</span>}
      {later.slice(0, MAX_LATER).map(({ key, at }) => (
        <span key={key} className={styles.later} title={key}>
          <code>{key}</code> {t('queues.later', { time: timeOf(at).slice(0, 8) })}
        </span>
      ))}
      {refusal !== undefined && <span className={styles.later}>{t('refused', { message: refusal })}</span>}
    </span>
  );
}

function StopSwitch({ actor, fault }: { actor: string; fault: Fault | undefined }) {
  const t = useText(loopText);
  const { actions } = useCluster();
  const tell = (error: unknown) =>
    showToast({ tone: 'error', text: t('stop.failed'), detail: error instanceof Error ? error.message : String(error) });
  const start = () => (fault ? actions.remove(FAULTS, undefined, fault.metadata.name) : Promise.resolve());
  const stop = async () => {
    const name = `stop-${actor}`;
    const metadata = { name };
    const spec = { kind: 'ComponentStopped', components: [actor] };
    await actions.create(FAULTS, undefined, { apiVersion: 'kubarium.dev/v1alpha1', kind: 'Fault', metadata, spec });
    noteUndo(t('stop.label', { component: actor }), () => actions.remove(FAULTS, undefined, name));
  };
  return (
    <IconButton
      icon={fault ? CirclePlay : CirclePause}
      label={fault ? t('stop.again', { component: actor }) : t('stop.label', { component: actor })}
      onClick={() => void (fault ? start() : stop()).catch(tell)}
    />
  );
}

function lastRefusal(steps: readonly Step[], actor: string): string | undefined {
  const refused = steps.findLast((step) => step.kind === 'request' && step.from === actor && step.event.responseStatus.code >= 400);
  return refused?.kind === 'request' ? refused.event.responseStatus.message : undefined;
}
