/** The bar above the decision: which pod, which attempt, table or text, ask first, and the object behind it all. */
import { CircleHelp, FlaskConical, Puzzle } from 'lucide-react';
import { useMemo } from 'react';
import { schedulerText } from '../i18n/areas/scheduler.ts';
import { schedulerLabText } from '../i18n/areas/scheduler-lab.ts';
import { useText } from '../i18n/text.ts';
import { Button } from '../widgets/button.tsx';
import { podChoices, podOrder } from './queue-lanes.ts';
import { useViewState } from './view-state.ts';
import styles from './toolbar.module.css';
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';
import type { Pod } from '../../api/generated/types.ts';

const MOST = 200;
const keyOf = ({ metadata }: Pod): string => `${metadata.namespace ?? ''}/${metadata.name}`;

interface ToolbarProps {
  pods: readonly Pod[];
  pod: Pod | undefined;
  decisions: readonly SchedulingDecision[];
  decision: SchedulingDecision | undefined;
  /** Whether there is a table to show as text. */
  hasTable: boolean;
  onPod(pod: Pod): void;
}

/** The bar. */
export function Toolbar({ pods, pod, decisions, decision, hasTable, onPod }: ToolbarProps) {
  const t = useText(schedulerText);
  const lab = useText(schedulerLabText);
  const { mode, yaml, asks, page, set } = useViewState();
  const turn = (to: 'plugin' | 'packing') => set({ page: page === to ? 'decision' : to });
  const order = useMemo(() => podOrder(pods), [pods]);
  const { waiting, placed } = podChoices(order, MOST, pod?.metadata.uid);
  const option = (one: Pod) => (
    <option key={one.metadata.uid} value={keyOf(one)}>
      {one.metadata.namespace === 'default' ? one.metadata.name : keyOf(one)}
      {one.spec.nodeName ? ` → ${one.spec.nodeName}` : ''}
    </option>
  );
  return (
    <div className={styles.bar}>
      <label className={styles.field}>
        {t('pod')}
        <select
          className={styles.podSelect}
          data-filter=""
          value={pod ? keyOf(pod) : ''}
          onChange={(event) => {
            const found = pods.find((one) => keyOf(one) === event.target.value);
            if (found) onPod(found);
          }}
        >
          {!pod && <option value="">{t('pod.none')}</option>}
          {waiting.length > 0 && <optgroup label={t('pod.waiting')}>{waiting.map(option)}</optgroup>}
          {placed.length > 0 && <optgroup label={t('pod.placed')}>{placed.map(option)}</optgroup>}
        </select>
      </label>
      {decision && (
        <label className={styles.field}>
          {t('attempt')}
          <select
            value={decision.spec.attempt}
            onChange={(event) => set({ attempt: Number(event.target.value), cell: undefined, pipelineStage: undefined })}
          >
            {decisions.map(({ spec, status }) => (
              <option key={spec.attempt} value={spec.attempt}>
                {t('attempt.option', { n: spec.attempt, result: t(`result.${status.result}`) })}
              </option>
            ))}
          </select>
        </label>
      )}
      <span className={styles.space} />
      <Button look="plain" icon={Puzzle} aria-pressed={page === 'plugin'} title={lab('page.pluginTitle')} onClick={() => turn('plugin')}>
        <span className={styles.lastName}>{lab('page.plugin')}</span>
      </Button>
      <Button
        look="plain"
        icon={FlaskConical}
        aria-pressed={page === 'packing'}
        title={lab('page.packingTitle')}
        onClick={() => turn('packing')}
      >
        <span className={styles.toolName}>{lab('page.packing')}</span>
      </Button>
      <Button look="plain" icon={CircleHelp} aria-pressed={asks} title={t('ask.title')} onClick={() => set({ asks: !asks })}>
        <span className={styles.toolName}>{t('ask')}</span>
      </Button>
      {hasTable && (
        <div className={styles.choice} role="group" aria-label={t('show.label')}>
          {(['matrix', 'text'] as const).map((one) => (
            <button
              key={one}
              type="button"
              aria-pressed={mode === one && !yaml && page === 'decision'}
              onClick={() => set({ mode: one, yaml: false, page: 'decision' })}
            >
              {t(`show.${one}`)}
            </button>
          ))}
          <button
            type="button"
            aria-pressed={yaml && page === 'decision'}
            title={t('yaml.title')}
            onClick={() => set({ yaml: true, page: 'decision' })}
          >
            {t('yaml')}
          </button>
        </div>
      )}
    </div>
  );
}
