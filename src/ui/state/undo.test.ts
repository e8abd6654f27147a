import { beforeEach, describe, expect, it } from 'vitest';
import { forgetAllUndo, forgetUndo, noteUndo, takeBack, useUndo } from './undo.ts';

const done: string[] = [];
const note = (label: string) => noteUndo(label, () => Promise.resolve(done.push(label)));

describe('the acts that can be taken back', () => {
  beforeEach(() => {
    forgetAllUndo();
    done.length = 0;
  });

  it('are taken back newest first, each once', async () => {
    note('apply');
    note('scale');
    expect((await takeBack())?.label).toBe('scale');
    expect((await takeBack())?.label).toBe('apply');
    expect(await takeBack()).toBeUndefined();
    expect(done).toEqual(['scale', 'apply']);
  });

  it('can be taken back one by one, and forgotten', async () => {
    const first = note('first');
    const second = note('second');
    note('third');
    await takeBack(first);
    forgetUndo(second);
    expect(useUndo.getState().entries.map(({ label }) => label)).toEqual(['third']);
    expect(done).toEqual(['first']);
  });

  it('are kept to the number of 50', () => {
    for (let act = 0; act < 60; act++) note(String(act));
    expect(useUndo.getState().entries[0]?.label).toBe('10');
  });

  it('leave the list even when taking back fails', async () => {
    noteUndo('refused', () => Promise.reject(new Error('no')));
    await expect(takeBack()).rejects.toThrow('no');
    expect(useUndo.getState().entries).toEqual([]);
  });
});
