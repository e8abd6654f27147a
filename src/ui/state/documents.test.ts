import { beforeEach, describe, expect, it } from 'vitest';
import { LIVE_TAB, useDocuments } from './documents.ts';

const state = () => useDocuments.getState();
const names = () => state().files.map(({ name }) => name);

beforeEach(() => useDocuments.setState({ files: [], active: '', jump: undefined }));

describe('the open files', () => {
  it('give equal names a number and bring the new one to the front', () => {
    state().open('web.yaml', 'a');
    const id = state().open('web.yaml', 'b');
    expect(names()).toEqual(['web.yaml', 'web-2.yaml']);
    expect(state().active).toBe(id);
  });

  it('do not open the same text twice', () => {
    const id = state().open('web.yaml', 'a');
    state().open('other.yaml', 'b');
    expect(state().open('web.yaml', 'a')).toBe(id);
    expect(names()).toEqual(['web.yaml', 'other.yaml']);
  });

  it('let go of an empty file in front', () => {
    state().open('new.yaml', '');
    state().open('web.yaml', 'a');
    expect(names()).toEqual(['web.yaml']);
  });

  it('show the neighbour of a closed file', () => {
    const [a, b] = [state().open('a', '1'), state().open('b', '2')];
    state().close(b);
    expect(state().active).toBe(a);
    state().close(a);
    expect(state().active).toBe('');
  });

  it('come back before those opened meanwhile, which stay in front', () => {
    state().open('linked.yaml', 'x');
    state().restore([{ id: 'f1', name: 'old.yaml', text: 'o' }], 'f1');
    expect(names()).toEqual(['old.yaml', 'linked.yaml']);
    expect(state().files.find(({ id }) => id === state().active)?.name).toBe('linked.yaml');
  });

  it('keep the live tab in front over a restore', () => {
    state().activate(LIVE_TAB);
    state().restore([{ id: 'f1', name: 'old.yaml', text: 'o' }], 'f1');
    expect(state().active).toBe(LIVE_TAB);
  });

  it('make each wish to see a place a new one', () => {
    const range = { line: 1, column: 1, endLine: 1, endColumn: 1 };
    const id = state().open('a', '1');
    state().goTo(id, range);
    const first = state().jump;
    state().goTo(id, range);
    expect(state().jump).not.toEqual(first);
  });
});
