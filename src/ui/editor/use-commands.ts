/** Apply, Diff, Dry run and Undo of the file in front. */
import { useCallback, useRef, useState } from 'react';
import { useCluster } from '../cluster/hooks.ts';
import { useDocuments } from '../state/documents.ts';
import { useUiState } from '../state/ui-state.ts';
import { setServerFindings } from './analyses.ts';
import type { Send } from './apply-run.ts';
import type { Comparison } from './comparison.ts';
import { applyText, compareRun, serverFindings, undo } from './outcome.ts';
import type { Outcome } from './outcome.ts';

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

/** The commands. Only one runs at a time. */
export function useCommands(): Commands {
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

  const run = useCallback(
    (command: 'apply' | 'diff' | 'dryRun', file: string, text: string) =>
      perform(command, async () => {
        const onProgress = (done: number, total: number) => setProgress({ command, done, total });
        const outcome = await applyText(send, text, { namespace, dryRun: command !== 'apply', onProgress });
        setServerFindings(file, text, serverFindings(outcome));
        const applied = command === 'apply' && outcome.kind === 'run' && outcome.results.every(({ status }) => !status);
        if (applied) {
          useDocuments.getState().setApplied(file, text);
          useUiState.getState().set({ welcomed: true }); // whoever applies needs no first Pod any more
        }
        const compared = command !== 'apply' && outcome.kind === 'run';
        return { file, text, command, outcome, ...(compared && { comparison: await compareRun(outcome.run, command === 'diff' ? 'live' : 'written') }) };
      }),
    [perform, send, namespace],
  );

  const last = shown?.outcome.kind === 'run' ? shown : undefined;
  const takeBack = useCallback(async () => {
    const outcome = last?.outcome;
    if (!last || outcome?.kind !== 'run') return undefined;
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
