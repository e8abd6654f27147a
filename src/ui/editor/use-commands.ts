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

/** Why an undo did not take everything back. */
function refusalOf(undone: Outcome): string | undefined {
  if (undone.kind === 'lost') return undone.message;
  return undone.kind === 'undone' ? undone.results.find(({ status }) => status)?.status?.message : undefined;
}

/** The commands. Only one runs at a time. */
export function useCommands(): Commands {
  const t = useText(editorText);
  const { connection } = useCluster();
  const namespace = useUiState((state) => state.namespace) ?? 'default';
  const [progress, setProgress] = useState<Progress>();
  const [shown, setShown] = useState<Shown>();
  const busy = useRef(false);
  const send = useCallback<Send>((request) => connection.request(request), [connection]);

  const perform = useCallback(async (command: Progress['command'], work: () => Promise<Shown>): Promise<Shown | undefined> => {
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
  }, []);

  /** Takes a run back from outside of the editor; rejects with the first refusal. */
  const revert = useCallback(
    async ({ file, text, outcome }: Shown) => {
      if (outcome.kind !== 'run') return;
      const undone = await undo(send, outcome.run, namespace);
      setShown((now) => (now?.outcome === outcome ? { file, text, command: 'undo', outcome: undone } : now));
      const refusal = refusalOf(undone);
      if (refusal !== undefined) throw new Error(refusal);
    },
    [send, namespace],
  );

  const run = useCallback(
    (command: 'apply' | 'diff' | 'dryRun', file: string, text: string) =>
      perform(command, async () => {
        const onProgress = (done: number, total: number) => setProgress({ command, done, total });
        const outcome = await applyText(send, text, { namespace, dryRun: command !== 'apply', onProgress });
        setServerFindings(file, text, serverFindings(outcome));
        if (command === 'apply') noteApplied(file, text, outcome);
        const result: Shown = { file, text, command, outcome };
        if (command === 'apply' && undoable(outcome)) result.undoEntry = noteUndo(t('applyLabel', { name: nameOf(file) }), () => revert(result));
        const compared = command !== 'apply' && outcome.kind === 'run';
        return { ...result, ...(compared && { comparison: await compareRun(outcome.run, command === 'diff' ? 'live' : 'written') }) };
      }),
    [perform, revert, send, namespace, t],
  );

  const last = shown?.outcome.kind === 'run' ? shown : undefined;
  const takeBack = useCallback(async () => {
    const outcome = last?.outcome;
    if (!last || outcome?.kind !== 'run') return undefined;
    forgetUndo(last.undoEntry);
    return perform('undo', async () => ({ file: last.file, text: last.text, command: 'undo', outcome: await undo(send, outcome.run, namespace) }));
  }, [last, perform, send, namespace]);

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
