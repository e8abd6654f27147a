/** Keeps what is known of the open files up to date: analyses each text after a pause in typing, and again when the cluster has changed. */
import { useEffect, useMemo } from 'react';
import { useCluster } from '../cluster/hooks.ts';
import { editorText } from '../i18n/areas/editor.ts';
import { useText } from '../i18n/text.ts';
import type { ClusterContext, Grade } from '../model/findings.ts';
import { useDocuments } from '../state/documents.ts';
import { setProblems } from '../state/problems.ts';
import type { Problem } from '../state/problems.ts';
import { useUiState } from '../state/ui-state.ts';
import { ask } from './analysis/service.ts';
import { allFindings, forgetAnalysis, setAnalysis, useAnalyses } from './analyses.ts';
import { clusterContext, CONTEXT_RESOURCES } from './context.ts';
import type { WordedFinding } from './editor-handle.ts';
import { word } from './wording.ts';

/** After the last key, and after the last change of the cluster, ms. */
const TYPING_MS = 250;
const CLUSTER_MS = 2000;

/** Analyses texts one after the other; the newest text of a file counts. */
class Analyst {
  readonly #seen = new Map<string, string>();
  readonly #context: () => ClusterContext;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #busy = false;
  #again = false;

  constructor(context: () => ClusterContext) {
    this.#context = context;
  }

  /** Looks at everything anew, since the cluster changed. */
  readonly clusterChanged = (): void => {
    this.#seen.clear();
    this.schedule(CLUSTER_MS);
  };

  readonly schedule = (delay: number): void => {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#look();
    }, delay);
  };

  /** A key was pressed: waits for the pause. */
  readonly typed = (): void => {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.schedule(TYPING_MS);
  };

  stop(): void {
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    if (this.#busy) {
      this.#again = true;
      return;
    }
    this.#busy = true;
    try {
      const { files } = useDocuments.getState();
      for (const id of this.#seen.keys()) if (!files.some((file) => file.id === id)) this.#forget(id);
      for (const { id, text } of files) if (this.#seen.get(id) !== text) await this.#analyse(id, text);
    } finally {
      this.#busy = false;
    }
    if (this.#again) {
      this.#again = false;
      this.schedule(TYPING_MS);
    }
  }

  #forget(id: string): void {
    this.#seen.delete(id);
    forgetAnalysis(id);
  }

  async #analyse(id: string, text: string): Promise<void> {
    this.#seen.set(id, text);
    const analysis = await ask('analyse', text, { context: this.#context() });
    const now = useDocuments.getState().files.find((file) => file.id === id);
    if (now?.text === text) setAnalysis(id, text, analysis);
  }
}

/** Runs the analyses as long as the panel is there. */
export function useAnalyst(): void {
  const { store } = useCluster();
  const namespace = useUiState((state) => state.namespace) ?? 'default';
  useEffect(() => {
    const analyst = new Analyst(() => clusterContext(store, namespace));
    analyst.schedule(0);
    const stops = [
      useDocuments.subscribe((state, before) => {
        if (state.files !== before.files) analyst.typed();
      }),
      ...CONTEXT_RESOURCES.map((resource) => store.subscribe(resource, analyst.clusterChanged)),
    ];
    return () => {
      analyst.stop();
      for (const stop of stops) stop();
    };
  }, [store, namespace]);
}

const none: readonly WordedFinding[] = [];

/** The findings of every open file, in the reader's words. */
export function useWordedFindings(): Readonly<Record<string, readonly WordedFinding[]>> {
  const t = useText(editorText);
  const byFile = useAnalyses((state) => state.byFile);
  return useMemo(
    () => Object.fromEntries(Object.entries(byFile).map(([id, known]) => [id, allFindings(known).map((finding) => word(finding, t))])),
    [byFile, t],
  );
}

/** Those of one file. */
export function findingsOf(all: Readonly<Record<string, readonly WordedFinding[]>>, id: string): readonly WordedFinding[] {
  return all[id] ?? none;
}

const GRADES: Record<Grade, Problem['grade']> = { blocks: 'error', useless: 'warning', outdated: 'info' };

/** Hands the findings to the panel "Problems". `repair` carries out a finding's fix. */
export function usePublishedProblems(
  all: Readonly<Record<string, readonly WordedFinding[]>>,
  repair: (file: string, finding: WordedFinding) => void,
): void {
  const files = useDocuments((state) => state.files);
  useEffect(() => {
    const problems = files.flatMap(({ id, name }) =>
      findingsOf(all, id).map((finding): Problem => ({
        grade: GRADES[finding.grade],
        message: finding.message,
        where: name,
        line: finding.range.line,
        reveal: () => {
          useUiState.getState().showPanel('right', 'editor');
          useDocuments.getState().goTo(id, finding.range);
        },
        ...(finding.fixTitle !== undefined && { fix: { label: finding.fixTitle, run: () => repair(id, finding) } }),
      })),
    );
    setProblems('editor', problems);
  }, [all, files, repair]);
}
