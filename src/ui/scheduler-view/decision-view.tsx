/** One decision: stages, the sentence, the table (or its text), and what is below it. */
import { useMemo, useRef } from 'react';
import { schedulerText } from '../i18n/areas/scheduler.ts';
import { useText } from '../i18n/text.ts';
import { useMedia } from '../app/use-media.ts';
import { useNow } from '../cluster/hooks.ts';
import { announce } from '../state/announcer.ts';
import { useUiState } from '../state/ui-state.ts';
import { Splitter } from '../widgets/splitter.tsx';
import { Tabs } from '../widgets/tabs.tsx';
import { Attempts } from './attempts.tsx';
import { CellDetail } from './cell-detail.tsx';
import { Compare } from './compare.tsx';
import { Cost } from './cost.tsx';
import { DecisionYaml } from './decision-yaml.tsx';
import { matrixOf } from './decision-model.ts';
import { Matrix } from './matrix.tsx';
import { Pipeline } from './pipeline.tsx';
import { Prediction } from './prediction.tsx';
import { Preemption } from './preemption.tsx';
import { lanesOf } from './queue-lanes.ts';
import { TextTwin } from './text-twin.tsx';
import { useViewState } from './view-state.ts';
import { WhatIf } from './what-if.tsx';
import { outcome } from './words.ts';
import styles from './panel.module.css';
import type { Node, Pod } from '../../api/generated/types.ts';
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';
import type { DetailTab } from './view-state.ts';

/** Heights of the part below the table, px. */
const MIN_HEIGHT = 150;
const DEFAULT_HEIGHT = 240;
const MAX_HEIGHT = 560;

interface DecisionViewProps {
  decision: SchedulingDecision;
  decisions: readonly SchedulingDecision[];
  pod: Pod | undefined;
  pods: readonly Pod[];
  nodes: readonly Node[];
  failed: readonly SchedulingDecision[];
}

/** The decision. */
export function DecisionView(props: DecisionViewProps) {
  const { decision, pod, pods, nodes } = props;
  const { asks, guesses } = useViewState();
  if (asks && !(decision.metadata.uid in guesses)) return <Prediction decision={decision} pod={pod} pods={pods} nodes={nodes} />;
  return <Revealed {...props} guess={guesses[decision.metadata.uid]} />;
}

function Revealed(props: DecisionViewProps & { guess: string | undefined }) {
  const { decision, guess } = props;
  const t = useText(schedulerText);
  const { mode, yaml, open, set } = useViewState();
  const { presenting, textSize } = useUiState();
  const phone = useMedia('(max-width: 767px)');
  const matrix = useMemo(() => matrixOf(decision, open), [decision, open]);
  const details = useRef<HTMLDivElement>(null);
  const rowHeight = Math.round((presenting || phone ? 44 : 30) * (textSize / 100));
  const explain = () => {
    set({ tab: 'cell' });
    // What appeared is told once it is there.
    requestAnimationFrame(() => announce((details.current?.innerText ?? '').replace(/\s+/g, ' ').slice(0, 300), 'scheduler-cell'));
  };
  return (
    <>
      <Pipeline decision={decision} />
      <div className={styles.sentence}>
        <p>
          <b>{outcome(t, decision)}</b> {guess !== undefined && <GuessResult guess={guess} decision={decision} />}
        </p>
        {decision.spec.dryRun && <p className={styles.muted}>{t('whatif.note')}</p>}
        {decision.status.recording && <p className={styles.muted}>{t('recording', { text: decision.status.recording })}</p>}
      </div>
      {yaml ? (
        <DecisionYaml decision={decision} />
      ) : mode === 'text' ? (
        <TextTwin decision={decision} matrix={matrix} />
      ) : (
        <Matrix decision={decision} matrix={matrix} rowHeight={rowHeight} guess={guess} onExplain={explain} />
      )}
      <Details {...props} matrix={matrix} body={details} />
    </>
  );
}

function GuessResult({ guess, decision }: { guess: string; decision: SchedulingDecision }) {
  const t = useText(schedulerText);
  const right = guess === (decision.status.nodeName ?? '');
  const words = guess === '' ? t('guess.none') : guess;
  return (
    <span className={right ? styles.right : styles.wrong}>
      {t(right ? 'sentence.guessRight' : 'sentence.guessWrong', { guess: words })}
    </span>
  );
}

type DetailsProps = DecisionViewProps & { matrix: ReturnType<typeof matrixOf>; body: React.RefObject<HTMLDivElement | null> };

function Details({ decision, decisions, pod, nodes, failed, matrix, body }: DetailsProps) {
  const t = useText(schedulerText);
  const { tab, cell, detailsHeight, set } = useViewState();
  const now = useNow();
  const phone = useMedia('(max-width: 767px)');
  const { preemption } = decision.status;
  const trials: DetailTab[] = phone || pod === undefined ? [] : ['whatif', 'compare'];
  const ids: DetailTab[] = ['cell', 'attempts', ...(preemption ? ['preemption' as const] : []), ...trials, 'cost'];
  const current = ids.includes(tab) ? tab : 'cell';
  const lanes = pod && !pod.spec.nodeName ? lanesOf([pod], failed.length > 0 ? failed : decisions, now) : undefined;
  const waiting = lanes && Object.values(lanes).flat()[0];
  const tabs = ids.map((id) => ({
    id,
    label: t(`tab.${id}`),
    ...(id === 'attempts' && { badge: decisions.length }),
  }));
  return (
    <div className={styles.details} style={detailsHeight === undefined || phone ? undefined : { height: detailsHeight }}>
      {!phone && (
        <Splitter
          label={t('resize')}
          side="bottom"
          size={detailsHeight ?? DEFAULT_HEIGHT}
          min={MIN_HEIGHT}
          max={MAX_HEIGHT}
          onResize={(size) => set({ detailsHeight: size })}
          onToggle={() => set({ detailsHeight: detailsHeight === undefined ? MAX_HEIGHT : undefined })}
        />
      )}
      <div className={styles.tabs}>
        <Tabs label={t('tabs.label')} prefix="scheduler" tabs={tabs} current={current} onSelect={(id) => set({ tab: id as DetailTab })} />
      </div>
      <div
        ref={body}
        className={styles.body}
        role="tabpanel"
        id="scheduler-panel"
        aria-labelledby={`scheduler-tab-${current}`}
        tabIndex={0}
      >
        {current === 'cell' && <CellDetail decision={decision} matrix={matrix} cell={cell} live={{ pod, nodes }} />}
        {current === 'attempts' && <Attempts decisions={decisions} shown={decision} waiting={waiting} />}
        {current === 'preemption' && preemption && <Preemption key={decision.metadata.uid} decision={decision} record={preemption} />}
        {current === 'whatif' && <WhatIf key={decision.spec.podRef.uid} decision={decision} pod={pod} nodes={nodes} />}
        {current === 'compare' && <Compare decision={decision} />}
        {current === 'cost' && <Cost decision={decision} />}
      </div>
    </div>
  );
}
