/** The stages that a pod went through, each a button that says what happened there. */
import { schedulerText } from '../i18n/areas/scheduler.ts';
import { useText } from '../i18n/text.ts';
import { stagesOf, STAGE_NAMES } from './stages.ts';
import { stageWords } from './words.ts';
import { useViewState } from './view-state.ts';
import { Hidden } from './hidden.tsx';
import styles from './pipeline.module.css';
import type { SchedulingDecision } from '../../api/kubarium/scheduling-decision.ts';
import type { Stage } from './decision-model.ts';
import type { StageId } from './stages.ts';

const GLYPHS = { passed: '✓', failed: '✗', idle: '–' };
/** Stages that change which number the table shows. */
const SHOWN: Partial<Record<StageId, Stage>> = { score: 'raw', normalize: 'normalized', weight: 'weighted' };

/** The strip. */
export function Pipeline({ decision }: { decision: SchedulingDecision }) {
  const t = useText(schedulerText);
  const { stage, pipelineStage, set } = useViewState();
  const choose = (id: StageId) => {
    const shown = SHOWN[id];
    set({ pipelineStage: id === pipelineStage && shown !== stage ? undefined : id, ...(shown && { stage: shown }) });
  };
  return (
    <div className={styles.strip}>
      <ol className={styles.stages} aria-label={t('pipeline')}>
        {stagesOf(decision).map(({ id, state, note }) => (
          <li key={id} className={styles.stage}>
            <button
              type="button"
              data-state={state}
              aria-pressed={pipelineStage === id}
              data-shown={SHOWN[id] !== undefined && SHOWN[id] === stage && decision.status.scores.length > 0}
              onClick={() => choose(id)}
            >
              <span className={styles.name}>{STAGE_NAMES[id]}</span>
              <span className={styles.glyph} aria-hidden="true">
                {GLYPHS[state]}
              </span>
              <Hidden>{t(`stage.${state}`)}</Hidden>
              {note && <span className={styles.note}>{note}</span>}
            </button>
          </li>
        ))}
      </ol>
      {pipelineStage && (
        <div className={styles.words}>
          {stageWords(t, pipelineStage, decision).map((line) => (
            <p key={line}>{line}</p>
          ))}
        </div>
      )}
    </div>
  );
}
