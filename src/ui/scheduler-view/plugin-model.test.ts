import { describe, expect, it } from 'vitest';
import type { SchedulerPlugin } from '../../api/kubarium/scheduler-plugin.ts';
import { readManifests } from '../../scenario/manifests.ts';
import { codeOf, fileOf, stateOf } from './plugin-model.ts';
import { SAMPLE_IDS, sampleFile } from './plugin-samples.ts';

const read = (text: string): SchedulerPlugin => readManifests(text).manifests[0]?.object as SchedulerPlugin;
const file = (text: string) => ({ id: 'f1', name: 'a.yaml', text, applied: text });

describe('samples of plugins', () => {
  it.each(SAMPLE_IDS)('%s is a manifest whose source is what stands in the file', (id) => {
    const { text, name } = sampleFile(id);
    const plugin = read(text);
    expect(plugin.kind).toBe('SchedulerPlugin');
    expect(name).toBe(`${plugin.metadata.name}.yaml`);
    expect(plugin.spec.source).toContain('(pod');
    expect(fileOf(plugin, [file(text)])).toBeDefined();
  });
});

describe('where a plugin comes from', () => {
  it('is not the editor when a line differs, or when the file was never applied', () => {
    const plugin = read(sampleFile('even').text);
    expect(fileOf(plugin, [file(sampleFile('loops').text)])).toBeUndefined();
    const { applied: _applied, ...unapplied } = file(sampleFile('even').text);
    expect(fileOf(plugin, [unapplied])).toBeUndefined();
  });
});

describe('how a plugin stands', () => {
  const plugin = read(sampleFile('even').text);
  const ready = (status: string, reason: string, message = ''): SchedulerPlugin => ({
    ...plugin,
    spec: { ...plugin.spec, approved: true },
    status: { conditions: [{ type: 'Ready', status, reason, message } as never] },
  });
  it('waits without consent, whatever its status says', () => {
    expect(stateOf({ ...ready('True', 'TakesPart'), spec: plugin.spec })).toEqual({ state: 'waiting', message: '' });
  });
  it('has the words of the scheduler', () => {
    expect(stateOf(ready('True', 'TakesPart')).state).toBe('ready');
    expect(stateOf(ready('True', 'Failing', 'boom'))).toEqual({ state: 'failing', message: 'boom' });
    expect(stateOf(ready('False', 'Stopped', 'no')).state).toBe('stopped');
    expect(stateOf(ready('False', 'DoesNotCompile', 'line 1')).state).toBe('broken');
  });
  it('shows what really runs: of TypeScript what was compiled', () => {
    expect(codeOf({ ...plugin, spec: { ...plugin.spec, language: 'TypeScript', compiled: 'x' } })).toBe('x');
    expect(codeOf(read(sampleFile('typed').text))).toBeUndefined();
  });
});
