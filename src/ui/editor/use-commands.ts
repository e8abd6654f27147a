/** Apply, Diff, Dry run and Undo of the file in front. */
import { useCallback, useRef, useState } from 'react';
import { useCluster } from '../cluster/hooks.ts';
import { editorText } from '../i18n/areas/editor.ts';
import { useText } from '../i18n/text.ts';
import { useDocuments } from '../state/documents.ts';
import { forgetUndo, noteUndo } from '../state/undo.ts';
import { useUiState } from '../state/ui-state.ts';
import { setServerFindings } from './analyses.ts';
import type { Send } from './apply-run.ts';
import type { Comparison } from './comparison.ts';
import { applyText, compareRun, serverFindings, undo } from './outcome.ts';
import type { Outcome } from './outcome.ts';
import { undoable } from './summary.ts';

/** What is being done. */
export interface Progress {
  command: 'apply' | 'diff' | 'dryRun' | 'undo';
  done: number;
  total: number;
}

/** The last command's result, as long as it is shown. */
export interface Shown {
  file: string;
  /** The text that it is about. */
  text: string;
  command: Progress['command'];
  outcome: Outcome;
  comparison?: Comparison;
  /** With an apply that changed something: its entry among the acts that can be taken back. */
  undoEntry?: number;
}

/** The commands, what they are at, and what they came to. */
export interface Commands {
  progress: Progress | undefined;
  shown: Shown | undefined;
  /** The text of the file: with keys that are still under way. */
  apply(file: string, text: string): Promise<Shown | undefined>;
  diff(file: string, text: string): Promise<Shown | undefined>;
  dryRun(file: string, text: string): Promise<Shown | undefined>;
  undo(): Promise<Shown | undefined>;
  close(): void;
}

const nameOf = (file: string): string => useDocuments.getState().files.find(({ id }) => id === file)?.name ?? '';

function noteApplied({ file, text, outcome }: Shown): void {
  if (outcome.kind !== 'run' || outcome.results.some(({ status }) => status)) return;
  useDocuments.getState().setApplied(file, text);
  useUiState.getState().set({ welcomed: true }); // whoever applies needs no first Pod any more
}

/** Throws the first reason why an undo did not take everything back. */
function throwRefusal(undone: Outcome): void {
  if (undone.kind === 'lost') throw new Error(undone.message);
  const refused = undone.kind === 'undone' ? undone.results.find(({ status }) => status) : undefined;
  if (refused) throw new Error(refused.status?.message);
}

/** Runs a piece of work unless another is running, and shows its progress and result. */
function useOneAtATime(setProgress: (progress: Progress | undefined) => void, setShown: (shown: Shown) => void) {
  const busy = useRef(false);
  return useCallback(
    async (command: Progress['command'], work: () => Promise<Shown>): Promise<Shown | undefined> => {
      if (busy.current) return undefined;
      busy.current = true;
      setProgress({ command, done: 0, total: 0 });
      try {
        const result = await work();
        setShown(result);
        return result;
      } finally {
        busy.current = false;
        setProgress(undefined);
      }
    },
    [setProgress, setShown],
  );
}

/** The commands. Only one runs at a time. */
export function useCommands(): Commands {
  const t = useText(editorText);
  const { connection } = useCluster();
  const namespace = useUiState((state) => state.namespace) ?? 'default';
  const [progress, setProgress] = useState<Progress>();
  const [shown, setShown] = useState<Shown>();
  const send = useCallback<Send>((request) => connection.request(request), [connection]);
  const perform = useOneAtATime(setProgress, setShown);

  /** Takes a run back from outside of the editor; rejects with the first refusal. */
  const revert = useCallback(
    async ({ outcome }: Shown) => {
      if (outcome.kind !== 'run') return;
      const undone = await undo(send, outcome.run, namespace);
      setShown((now) => (now?.outcome === outcome ? { ...now, command: 'undo', outcome: undone } : now));
      throwRefusal(undone);
    },
    [send, namespace],
  );

  const run = useCallback(
    (command: 'apply' | 'diff' | 'dryRun', file: string, text: string) =>
      perform(command, async () => {
        const options = {
          namespace,
          dryRun: command !== 'apply',
          onProgress: (done: number, total: number) => setProgress({ command, done, total }),
        };
        const outcome = await applyText(send, text, options);
        setServerFindings(file, text, serverFindings(outcome));
        const result: Shown = { file, text, command, outcome };
        if (command === 'apply') noteApplied(result);
        if (command === 'apply' && undoable(outcome))
          result.undoEntry = noteUndo(t('applyLabel', { name: nameOf(file) }), () => revert(result));
        if (command === 'apply' || outcome.kind !== 'run') return result;
        return { ...result, comparison: await compareRun(outcome.run, command === 'diff' ? 'live' : 'written') };
      }),
    [perform, revert, send, namespace, t],
  );

  const takeBack = useCallback(async () => {
    if (shown?.outcome.kind !== 'run') return undefined;
    const { run: done } = shown.outcome;
    forgetUndo(shown.undoEntry);
    return perform('undo', async () => ({ ...shown, command: 'undo', outcome: await undo(send, done, namespace) }));
  }, [shown, perform, send, namespace]);

  return {
    progress,
    shown,
    apply: (file, text) => run('apply', file, text),
    diff: (file, text) => run('diff', file, text),
    dryRun: (file, text) => run('dryRun', file, text),
    undo: takeBack,
    close: () => setShown(undefined),
  };
}
