/** Why there is no decision to show, and a way on. */
import { useState } from 'react';
import { useCalmList } from '../cluster/use-calm-list.ts';
import { EVENTS } from '../cluster/resources.ts';
import { SchedulerPluginResource, schedulerNameOf } from '../../api/kubarium/scheduler-plugin.ts';
import { RECORD_ANNOTATION } from '../../api/kubarium/scheduling-decision.ts';
import { schedulerText } from '../i18n/areas/scheduler.ts';
import { useText } from '../i18n/text.ts';
import { useUiState } from '../state/ui-state.ts';
import { Button } from '../widgets/button.tsx';
import { EmptyState } from '../widgets/empty-state.tsx';
import { DecisionView } from './decision-view.tsx';
import { useDryRuns } from './dry-run.ts';
import { stateOf } from './plugin-model.ts';
import { useViewState } from './view-state.ts';
import type { SchedulerPlugin } from '../../api/kubarium/scheduler-plugin.ts';
import type { Node, Pod } from '../../api/generated/types.ts';
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';

const NO_OVERRIDES = [undefined];
const MIRROR = 'kubernetes.io/config.mirror';

/** Without any pod. */
export function NoPod() {
  const t = useText(schedulerText);
  const set = useUiState((state) => state.set);
  return (
    <EmptyState title={t('empty.noPod')} actions={<Button onClick={() => set({ dialog: 'gallery' })}>{t('empty.gallery')}</Button>}>
      {t('empty.noPodHint')}
    </EmptyState>
  );
}

interface NoDecisionProps {
  pod: Pod;
  pods: readonly Pod[];
  nodes: readonly Node[];
}

/** A pod that no decision is known of. */
export function NoDecision({ pod, pods, nodes }: NoDecisionProps) {
  const t = useText(schedulerText);
  const { items } = useCalmList(EVENTS, { namespace: pod.metadata.namespace });
  const [asked, setAsked] = useState(false);
  const { name } = pod.metadata;
  const node = pod.spec.nodeName ?? '';
  if (node === '') return <Waiting pod={pod} />;
  if (pod.metadata.annotations?.[MIRROR] !== undefined)
    return <EmptyState title={t('empty.static', { name })}>{t('empty.byHandHint', { node })}</EmptyState>;
  const scheduled = items.some(({ reason, involvedObject }) => reason === 'Scheduled' && involvedObject.uid === pod.metadata.uid);
  if (!scheduled) return <EmptyState title={t('empty.byHand')}>{t('empty.byHandHint', { node })}</EmptyState>;
  if (asked) return <AskedNow pod={pod} pods={pods} nodes={nodes} />;
  return (
    <EmptyState title={t('empty.notRecorded', { name })} actions={<Button onClick={() => setAsked(true)}>{t('empty.askNow')}</Button>}>
      {t('empty.notRecordedHint', { annotation: RECORD_ANNOTATION })}
    </EmptyState>
  );
}

function Waiting({ pod }: { pod: Pod }) {
  const t = useText(schedulerText);
  const { name } = pod.metadata;
  const { schedulerName = 'default-scheduler', schedulingGates = [] } = pod.spec;
  if (schedulingGates.length > 0) {
    return <EmptyState title={t('empty.gated', { name, gates: schedulingGates.map((gate) => gate.name).join(', ') })} />;
  }
  if (schedulerName !== 'default-scheduler') return <OtherScheduler name={name} scheduler={schedulerName} />;
  return <EmptyState title={t('empty.waits', { name })}>{t('empty.step')}</EmptyState>;
}

/** A scheduler that nobody runs; one of the visitor's own may only wait for consent. */
function OtherScheduler({ name, scheduler }: { name: string; scheduler: string }) {
  const t = useText(schedulerText);
  const setView = useViewState((state) => state.set);
  const { items } = useCalmList<SchedulerPlugin>(SchedulerPluginResource);
  const title = t('empty.otherScheduler', { name, scheduler });
  const own = items.find((plugin) => schedulerNameOf(plugin) === scheduler);
  if (own === undefined) return <EmptyState title={title}>{t('empty.step')}</EmptyState>;
  const { message } = stateOf(own);
  const why = own.spec.approved === true ? message || t('empty.step') : t('empty.consent', { scheduler });
  return (
    <EmptyState title={title} actions={<Button onClick={() => setView({ page: 'plugin' })}>{t('empty.toPlugin')}</Button>}>
      {why}
    </EmptyState>
  );
}

/** What the scheduler would decide about the pod now: a dry run stands in for the record. */
function AskedNow({ pod, pods, nodes }: NoDecisionProps) {
  const t = useText(schedulerText);
  const { name, namespace = 'default', uid } = pod.metadata;
  const about = { spec: { podRef: { name, namespace, uid }, profile: pod.spec.schedulerName ?? 'default-scheduler' } };
  const [answer] = useDryRuns(about, NO_OVERRIDES) ?? [];
  if (!answer?.decision) return <EmptyState title={answer?.error ?? t('compare.asking')} />;
  const decision: SchedulingDecision = answer.decision;
  return <DecisionView decision={decision} decisions={[decision]} pod={pod} pods={pods} nodes={nodes} failed={[]} />;
}
