/** What is known of each open file: the analysis of its text, and what the apiserver said about it. */
import { create } from 'zustand';
import type { Analysis, Finding } from '../model/findings.ts';

/** What is known of one file. */
export interface FileKnowledge {
  /** The text that this is about. */
  text: string;
  analysis: Analysis;
  /** Refusals and warnings of the last run, until the text changes. */
  server: readonly Finding[];
}

interface AnalysesState {
  byFile: Readonly<Record<string, FileKnowledge>>;
}

/** By file id; a file that was not looked at yet is missing. */
export const useAnalyses = create<AnalysesState>()(() => ({ byFile: {} }));

/** Notes an analysis; what the apiserver said stays as long as the text does. */
export function setAnalysis(id: string, text: string, analysis: Analysis): void {
  useAnalyses.setState(({ byFile }) => {
    const server = byFile[id]?.text === text ? byFile[id].server : [];
    return { byFile: { ...byFile, [id]: { text, analysis, server } } };
  });
}

/** Notes what the apiserver said about a text. */
export function setServerFindings(id: string, text: string, server: readonly Finding[]): void {
  useAnalyses.setState(({ byFile }) => {
    const known = byFile[id];
    const analysis = known?.text === text ? known.analysis : { findings: [], objects: [], broken: false };
    return { byFile: { ...byFile, [id]: { text, analysis, server } } };
  });
}

/** Forgets a closed file. */
export function forgetAnalysis(id: string): void {
  useAnalyses.setState(({ byFile }) => {
    const { [id]: _closed, ...rest } = byFile;
    return { byFile: rest };
  });
}

/** All findings, those of the apiserver only where the analysis did not say the same already. */
export function allFindings({ analysis, server }: FileKnowledge): Finding[] {
  const said = new Set(analysis.findings.map(({ document, path }) => `${String(document)} ${path}`));
  const news = server.filter(({ document, path }) => path === '' || !said.has(`${String(document)} ${path}`));
  return [...analysis.findings, ...news].sort((a, b) => a.range.line - b.range.line);
}
