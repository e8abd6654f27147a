/** What came of a command of the editor, and how it comes about: read the text, send the manifests, find the places that the answers speak of. */
import type { Manifest, ManifestError } from '../../scenario/manifests.ts';
import type { Finding } from '../model/findings.ts';
import { ask } from './analysis/service.ts';
import type { PlaceQuestion } from './analysis/protocol.ts';
import type { Run, RunResult, Send, UndoResult } from './apply-run.ts';
import type { Comparison } from './comparison.ts';

/** One line below a result: a fault or a warning, with its place if it has one. */
export interface Remark {
  tone: 'error' | 'warning';
  message: string;
  finding: Finding;
}

/** The result of one manifest, with its remarks. */
export interface RemarkedResult extends RunResult {
  remarks: Remark[];
}

/** What a command came to. */
export type Outcome =
  | { kind: 'refused'; errors: ManifestError[] }
  | { kind: 'empty' }
  | { kind: 'lost'; message: string }
  | { kind: 'run'; run: Run; results: RemarkedResult[] }
  | { kind: 'undone'; results: UndoResult[] };

export interface RunOptions {
  namespace: string;
  dryRun: boolean;
  onProgress?(done: number, total: number): void;
}

/** Applies a text, all documents or none: a document that cannot be read stops all. */
export async function applyText(send: Send, text: string, { namespace, dryRun, onProgress }: RunOptions): Promise<Outcome> {
  const read = await ask('read', text, {});
  if (read.errors.length > 0) return { kind: 'refused', errors: read.errors };
  if (read.manifests.length === 0) return { kind: 'empty' };
  try {
    const { manifests, errors } = await prepared(text, read.manifests);
    if (errors.length > 0) return { kind: 'refused', errors };
    const { applyManifests } = await import('./apply-run.ts');
    const run = await applyManifests(send, manifests, { namespace, dryRun, onProgress: (done) => onProgress?.(done, manifests.length) });
    return { kind: 'run', run, results: await remarksOf(text, run) };
  } catch (error) {
    return { kind: 'lost', message: error instanceof Error ? error.message : String(error) };
  }
}

/** What has to be done to manifests before they are sent: only plugins in TypeScript need anything. */
async function prepared(text: string, manifests: Manifest[]): Promise<{ manifests: Manifest[]; errors: ManifestError[] }> {
  if (!manifests.some(({ object }) => object.kind === 'SchedulerPlugin')) return { manifests, errors: [] };
  const { compilePlugins } = await import('./typescript/compile-plugins.ts');
  return compilePlugins(text, manifests);
}

/** Takes a run back. */
export async function undo(send: Send, run: Run, namespace: string): Promise<Outcome> {
  try {
    const { undoRun } = await import('./apply-run.ts');
    return { kind: 'undone', results: await undoRun(send, run, namespace) };
  } catch (error) {
    return { kind: 'lost', message: error instanceof Error ? error.message : String(error) };
  }
}

/** The two texts of Diff or Dry run. */
export async function compareRun(run: Run, left: 'live' | 'written'): Promise<Comparison> {
  const { compare } = await import('./comparison.ts');
  return compare(run, left);
}

interface Said {
  result: number;
  tone: Remark['tone'];
  message: string;
  field: string;
}

async function remarksOf(text: string, run: Run): Promise<RemarkedResult[]> {
  const { faultsOfStatus, fieldOfWarning } = await import('./apply-run.ts');
  const said = run.results.flatMap(({ status, warnings }, result): Said[] => [
    ...(status ? faultsOfStatus(status).map(({ field, message }) => ({ result, tone: 'error' as const, message, field })) : []),
    ...warnings.map((message) => ({ result, tone: 'warning' as const, message, field: fieldOfWarning(message) })),
  ]);
  const questions = said.map(({ result, field }): PlaceQuestion => {
    const { document = 0, path = '' } = run.results[result]?.source ?? {};
    return { document, path, field };
  });
  const places = await ask('places', text, { of: questions });
  const results = run.results.map((result): RemarkedResult => ({ ...result, remarks: [] }));
  said.forEach(({ result, tone, message, field }, at) => {
    const { line = 1, document = 0 } = run.results[result]?.source ?? {};
    const finding: Finding = {
      grade: tone === 'error' ? 'blocks' : 'outdated',
      code: tone === 'error' ? 'server' : 'serverWarning',
      params: { message },
      range: places[at] ?? { line, column: 1, endLine: line, endColumn: 2 },
      document,
      path: field,
    };
    results[result]?.remarks.push({ tone, message, finding });
  });
  return results;
}

/** What the apiserver said, as findings of the file. */
export function serverFindings(outcome: Outcome): Finding[] {
  return outcome.kind === 'run' ? outcome.results.flatMap(({ remarks }) => remarks.map(({ finding }) => finding)) : [];
}
