/** Time in the learner's hands: pause, step, speed, the virtual clock, the revision, and who did what. */
import { ChevronsRight, Pause, Play, StepForward } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useClock, useCluster, useConnectionState } from '../cluster/hooks.ts';
import { formatNumber, useLanguage, useText } from '../i18n/text.ts';
import { shellText } from '../i18n/areas/shell.ts';
import type { ClockState } from '../../worker/protocol.ts';
import { IconButton } from '../widgets/button.tsx';
import { Menu } from '../widgets/menu.tsx';
import { describeTask, stepAndTell, useLastStep } from './step.ts';
import { TasksButton } from './tasks-popover.tsx';
import styles from './timeline-bar.module.css';
import { attempt } from '../state/attempt.ts';

const SPEEDS = [1, 10, 60, 'max'] as const;

/** The bar. On a phone only what fits: play, step, clock. */
export function TimelineBar({ compact = false }: { compact?: boolean }) {
  const t = useText(shellText);
  const language = useLanguage();
  const { actions } = useCluster();
  const clock = useClock();
  const stopped = useConnectionState().phase !== 'ready';
  const paused = stopped || (clock?.paused ?? true);
  return (
    <footer className={styles.bar} data-region="timeline" tabIndex={-1} aria-label={t('regionTimeline')}>
      <IconButton
        icon={paused ? Play : Pause}
        look="normal"
        label={t(paused ? 'play' : 'pause')}
        keys="Space"
        disabled={!clock || stopped}
        onClick={() => attempt(actions.setClock({ paused: !paused }))}
      />
      <IconButton
        icon={StepForward}
        label={t('stepEvent')}
        keys="→"
        disabled={!clock || stopped}
        onClick={() => attempt(stepAndTell(actions, paused, 'event'))}
      />
      <IconButton
        icon={ChevronsRight}
        label={t('stepRevision')}
        keys="Shift →"
        disabled={!clock || stopped}
        onClick={() => attempt(stepAndTell(actions, paused, 'revision'))}
      />
      {!compact && <SpeedMenu clock={clock} />}
      <VirtualClock clock={clock} stopped={stopped} />
      {paused && clock && !stopped && <span className={styles.paused}>{t('paused')}</span>}
      {!compact && <LastStep />}
      <span className={styles.space} />
      {clock && !compact && clock.idle && !paused && (
        <span className={styles.fact} title={t('idleHint')}>
          {t('idle')}
        </span>
      )}
      {clock && !compact && (
        <span className={styles.fact} title={t('revisionHint')}>
          {t('revision', { revision: formatNumber(language, clock.revision) })}
        </span>
      )}
      {clock && <TasksButton tasks={clock.tasks} />}
    </footer>
  );
}

function SpeedMenu({ clock }: { clock: ClockState | undefined }) {
  const t = useText(shellText);
  const { actions } = useCluster();
  const speed = clock?.speed ?? 1;
  const label = (value: number | 'max') => (value === 'max' ? t('speedMax') : `×${value}`);
  return (
    <Menu
      up
      label={t('speedIs', { speed: label(speed) })}
      items={SPEEDS.map((value) => ({
        id: String(value),
        label: label(value),
        checked: value === speed,
        onSelect: () => attempt(actions.setClock({ speed: value })),
      }))}
    >
      <span className={styles.speed}>{label(speed)}</span>
    </Menu>
  );
}

const TICK_MS = 200;

/** Virtual time. Between the worker's notices it goes on at the clock's speed, so that a quiet cluster does not look frozen. */
function VirtualClock({ clock, stopped }: { clock: ClockState | undefined; stopped: boolean }) {
  const t = useText(shellText);
  const now = useFlowingTime(clock, stopped);
  const iso = new Date(now).toISOString();
  return (
    <time className={styles.clock} dateTime={iso} title={t('clockHint', { time: `${iso.slice(0, 19)}Z` })}>
      {clock ? iso.slice(11, 19) : '--:--:--'}
    </time>
  );
}

function useFlowingTime(clock: ClockState | undefined, stopped: boolean): number {
  const [now, setNow] = useState(clock?.now ?? 0);
  useEffect(() => {
    if (!clock) return;
    setNow(clock.now);
    if (stopped || clock.paused || clock.speed === 'max') return;
    const { now: told, speed } = clock;
    const since = performance.now();
    const timer = setInterval(() => setNow(told + (performance.now() - since) * speed), TICK_MS);
    return () => clearInterval(timer);
  }, [clock, stopped]);
  return now;
}

/** What the last step ran. */
function LastStep() {
  const t = useText(shellText);
  const clock = useClock();
  const tasks = useLastStep((state) => state.tasks);
  const last = tasks.at(-1);
  if (!last || !clock?.paused) return null;
  return (
    <span className={styles.last} title={tasks.map(describeTask).join('\n')}>
      {tasks.length > 1 ? t('steppedMany', { n: tasks.length, last: describeTask(last) }) : describeTask(last)}
    </span>
  );
}
