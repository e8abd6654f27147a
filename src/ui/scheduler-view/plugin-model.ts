/** What is to be said of a SchedulerPlugin: how it stands, where its text comes from, what exactly would run. */
import type { SchedulerPlugin } from '../../api/kubarium/scheduler-plugin.ts';
import type { TextFile } from '../state/documents.ts';

/** How it stands. */
export type PluginState = 'waiting' | 'ready' | 'failing' | 'stopped' | 'broken';

/** The state, with the scheduler's own words where it has any. */
export function stateOf({ spec, status }: SchedulerPlugin): { state: PluginState; message: string } {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  if (spec.approved !== true) return { state: 'waiting', message: '' };
  const message = ready?.message ?? '';
  if (ready?.reason === 'Failing') return { state: 'failing', message };
  if (ready?.reason === 'Stopped') return { state: 'stopped', message };
  return { state: ready?.status === 'True' ? 'ready' : 'broken', message };
}

/** The JavaScript that runs once it is allowed; undefined for TypeScript that nobody has compiled. */
export const codeOf = ({ spec: { language, source, compiled } }: SchedulerPlugin): string | undefined =>
  language === 'TypeScript' ? compiled : source;

const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** The file of this editor that was applied with every line of the source in it; undefined when there is none. */
export function fileOf({ spec }: SchedulerPlugin, files: readonly TextFile[]): TextFile | undefined {
  const wanted = linesOf(spec.source);
  return files.find(({ applied }) => {
    if (applied === undefined || !applied.includes('SchedulerPlugin')) return false;
    const lines = new Set(linesOf(applied));
    return wanted.every((line) => lines.has(line));
  });
}
