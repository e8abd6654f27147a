/**
 * The band above the view in the first ten seconds: a running cluster, one blue button, and then what that button set in motion.
 * On a later visit: continue, or start fresh. It lies in the flow and never covers the picture.
 */
import { CirclePlay, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { isConflictOfNames, nodeCounts, podStage } from './first-run-facts.ts';
import { useClock, useCluster, useConnectionState, useList, useObject } from '../cluster/hooks.ts';
import { NODES, PODS } from '../cluster/resources.ts';
import { useLanguage, useText } from '../i18n/text.ts';
import { numberWord } from '../i18n/number-words.ts';
import { shellText } from '../i18n/areas/shell.ts';
import { isSystemNamespace } from '../model/system-namespaces.ts';
import { announce } from '../state/announcer.ts';
import { showStoryOf } from '../state/loop-view.ts';
import { showToast } from '../state/toasts.ts';
import { noteUndo } from '../state/undo.ts';
import { useUiState } from '../state/ui-state.ts';
import { Button, IconButton } from '../widgets/button.tsx';
import { componentsOf, tasksBehind } from './components-behind.ts';
import styles from './first-run.module.css';

const WHERE = 'default';
const MANIFEST = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'hello', namespace: WHERE, labels: { app: 'hello' } },
  spec: { containers: [{ name: 'hello', image: 'nginx:1.25', ports: [{ containerPort: 80 }] }] },
};
/** As `kubectl apply` would send it, so that share links and exports know it as the user's. */
const HELLO = {
  ...MANIFEST,
  metadata: { ...MANIFEST.metadata, annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(MANIFEST) } },
};

/** The band, or nothing once it was closed. */
export function FirstRun() {
  const { phase, recovered, generation } = useConnectionState();
  const welcomed = useUiState((state) => state.welcomed);
  const ownPods = useList(PODS).items.some(({ metadata }) => !isSystemNamespace(metadata.namespace));
  const [started, setStarted] = useState<number>();
  const [closedFor, setClosedFor] = useState(-1);
  if (phase === 'crashed') return null;
  if (started !== undefined) return <Started after={started} onClose={() => setStarted(undefined)} />;
  if (!welcomed && !ownPods) return <Welcome onStarted={setStarted} />;
  if (recovered && generation === 1 && closedFor !== generation) return <WelcomeBack onClose={() => setClosedFor(generation)} />;
  return null;
}

function Welcome({ onStarted }: { onStarted(afterTask: number): void }) {
  const t = useText(shellText);
  const { actions, session } = useCluster();
  const { phase } = useConnectionState();
  const { items: nodes } = useList(NODES);
  const set = useUiState((state) => state.set);
  const [busy, setBusy] = useState(false);
  const ready = phase === 'ready';
  const start = async () => {
    setBusy(true);
    const after = session.clock()?.tasks ?? 0;
    try {
      await actions.create(PODS, WHERE, HELLO);
    } catch (error) {
      if (!isConflictOfNames(error)) {
        showToast({ tone: 'error', text: t('podRefused'), detail: error instanceof Error ? error.message : String(error) });
        setBusy(false);
        return;
      }
    }
    if (session.clock()?.paused) await actions.setClock({ paused: false });
    useUiState.getState().select({ apiVersion: 'v1', kind: 'Pod', namespace: WHERE, name: HELLO.metadata.name });
    noteUndo(t('firstPodLabel'), () => actions.remove(PODS, WHERE, HELLO.metadata.name));
    set({ welcomed: true });
    onStarted(after);
  };
  const { total, controlPlanes } = nodeCounts(nodes);
  return (
    <section className={styles.band} aria-label={t('welcomeRegion')}>
      <div className={styles.text}>
        <p className={styles.title}>{ready && total > 0 ? t('clusterRunning', { n: total - controlPlanes }) : t('clusterStarting')}</p>
        <p className={styles.sub}>
          {t('welcomeOr')} <LinkButton onClick={() => set({ dialog: 'gallery' })}>{t('openScenario')}</LinkButton>
        </p>
      </div>
      <Button look="primary" icon={CirclePlay} className={styles.main} disabled={!ready || busy} onClick={() => void start()}>
        {t('startFirstPod')}
      </Button>
      <IconButton icon={X} label={t('closeWelcome')} onClick={() => set({ welcomed: true })} />
    </section>
  );
}

function LinkButton({ children, onClick }: { children: string; onClick(): void }) {
  return (
    <button type="button" className={styles.link} onClick={onClick}>
      {children}
    </button>
  );
}

/** How the first Pod fares, and how many components acted on it. */
function Started({ after, onClose }: { after: number; onClose(): void }) {
  const t = useText(shellText);
  const language = useLanguage();
  const pod = useObject(PODS, WHERE, HELLO.metadata.name);
  const stage = podStage(pod);
  const count = useComponentsActed(after, stage === 'running');
  const words = {
    sent: t('podSent'),
    pending: t('podPending'),
    scheduled: t('podScheduled', { node: pod?.spec.nodeName ?? '' }),
    running: t('podRunning', { node: pod?.spec.nodeName ?? '' }),
    failed: t('podFailed', { reason: pod?.status?.reason ?? pod?.status?.phase ?? '' }),
  };
  const news = words[stage];
  useEffect(() => announce(news, 'first-pod'), [news]);
  return (
    <section className={styles.band} aria-label={t('welcomeRegion')}>
      <div className={styles.text}>
        <p className={styles.title}>
          {stage === 'running' && count > 0 ? t('componentsActed', { count: numberWord(language, count) }) : news}
        </p>
        <p className={styles.sub}>
          {stage === 'running' && count > 0 ? words.running : t('watchIt')}{' '}
          <LinkButton onClick={() => showStoryOf(PODS.plural, WHERE, HELLO.metadata.name)}>{t('seeWhoDidWhat')}</LinkButton>
        </p>
      </div>
      <IconButton icon={X} label={t('closeWelcome')} onClick={onClose} />
    </section>
  );
}

function useComponentsActed(after: number, done: boolean): number {
  const { connection } = useCluster();
  const [count, setCount] = useState(0);
  useEffect(() => {
    if (!done) return;
    let gone = false;
    connection.control('recentTasks', { limit: 1000 }).then(
      (tasks) => {
        if (!gone) setCount(componentsOf(tasksBehind(tasks, after, HELLO.metadata.name)).length);
      },
      () => undefined, // without an answer the line about components is left out
    );
    return () => {
      gone = true;
    };
  }, [connection, after, done]);
  return count;
}

function WelcomeBack({ onClose }: { onClose(): void }) {
  const t = useText(shellText);
  const clock = useClock();
  const { items } = useList(PODS);
  const set = useUiState((state) => state.set);
  return (
    <section className={styles.band} aria-label={t('welcomeRegion')}>
      <div className={styles.text}>
        <p className={styles.title}>{t('welcomeBack')}</p>
        <p className={styles.sub}>{t('resumedAt', { revision: String(clock?.revision ?? 0), n: items.length })}</p>
      </div>
      <div className={styles.buttons}>
        <Button onClick={() => set({ dialog: 'reset' })}>{t('startFresh')}</Button>
        <Button look="primary" onClick={onClose}>
          {t('continue')}
        </Button>
      </div>
    </section>
  );
}
