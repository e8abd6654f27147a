/** View 3, the scheduler: why a pod went where it is, or nowhere. */
import { useMemo } from 'react';
import { useCalmList } from '../cluster/use-calm-list.ts';
import { NODES, PODS } from '../cluster/resources.ts';
import { schedulerText } from '../i18n/areas/scheduler.ts';
import { useText } from '../i18n/text.ts';
import { useUiState } from '../state/ui-state.ts';
import { DecisionView } from './decision-view.tsx';
import { NoDecision, NoPod } from './empty.tsx';
import { Lanes } from './lanes.tsx';
import { PackingPage } from './packing-page.tsx';
import { PluginPage } from './plugin-page.tsx';
import { Toolbar } from './toolbar.tsx';
import { useChosenPod } from './use-chosen-pod.ts';
import { useDecisions, useFailedDecisions } from '../cluster/use-decisions.ts';
import { useViewState } from './view-state.ts';
import styles from './panel.module.css';
import type { Node, Pod } from '../../api/generated/types.ts';

/** In larger clusters the failed attempts of all pods are too much to fetch for the sake of the times in the lanes. */
const MAX_NODES_FOR_LANES = 200;

/** The panel. */
export function Panel() {
  const t = useText(schedulerText);
  const namespace = useUiState((state) => state.namespace);
  const { items: pods, synced } = useCalmList<Pod>(PODS);
  const { items: nodes } = useCalmList<Node>(NODES);
  const shown = useMemo(
    () => (namespace === undefined ? pods : pods.filter(({ metadata }) => metadata.namespace === namespace)),
    [pods, namespace],
  );
  const { pod, choose } = useChosenPod(pods, shown);
  const attempt = useViewState((state) => state.attempt);
  const page = useViewState((state) => state.page);
  const setView = useViewState((state) => state.set);
  const { items: decisions, synced: known } = useDecisions(pod?.metadata.namespace, pod?.metadata.uid);
  const { items: failed } = useFailedDecisions(nodes.length > 0 && nodes.length <= MAX_NODES_FOR_LANES);
  const decision = decisions.find(({ spec }) => spec.attempt === attempt) ?? decisions.at(-1);
  const show = (one: Pod) => {
    setView({ page: 'decision' });
    choose(one);
  };
  return (
    <section className={styles.panel} aria-label={t('region')}>
      <Toolbar pods={shown} pod={pod} decisions={decisions} decision={decision} hasTable={decision !== undefined} onPod={show} />
      <Lanes pods={shown} failed={failed} chosen={pod?.metadata.uid} onChoose={show} />
      {page === 'plugin' ? (
        <PluginPage pod={pod} />
      ) : page === 'packing' ? (
        <PackingPage />
      ) : decision ? (
        <DecisionView
          key={decision.spec.podRef.uid}
          decision={decision}
          decisions={decisions}
          pod={pod}
          pods={pods}
          nodes={nodes}
          failed={failed}
        />
      ) : pod ? (
        known && <NoDecision key={pod.metadata.uid} pod={pod} pods={pods} nodes={nodes} />
      ) : (
        synced && <NoPod />
      )}
    </section>
  );
}
