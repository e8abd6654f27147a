import { describe, expect, it } from 'vitest';
import { readManifests } from './manifests.ts';

const pod = (name: string) => `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n`;
const head = 'error converting YAML to JSON: yaml:';

describe('readManifests', () => {
  it.each<[string, string, { line: number; message: string }[]]>([
    [
      'a duplicate key',
      `${pod('a')}  name: b\n`,
      [{ line: 5, message: `${head} unmarshal errors:\n  line 5: key "name" already set in map` }],
    ],
    [
      'a tab',
      'apiVersion: v1\nkind: Pod\nmetadata:\n\tname: a\n',
      [{ line: 4, message: `${head} line 4: found character that cannot start any token` }],
    ],
    [
      'a map where a text stands',
      'apiVersion: v1\nkind: Pod: x\n',
      [{ line: 2, message: `${head} line 2: mapping values are not allowed in this context` }],
    ],
    ['a list', '- a\n', [{ line: 1, message: 'error validating data: invalid object to validate: got a list, expected a map' }]],
    ['a text', 'hello\n', [{ line: 1, message: 'error validating data: invalid object to validate: got string, expected a map' }]],
    ['no apiVersion', 'kind: Pod\n', [{ line: 1, message: 'error validating data: apiVersion not set' }]],
    ['a number as apiVersion', 'apiVersion: 1\nkind: Pod\n', [{ line: 1, message: 'error validating data: apiVersion not set' }]],
    ['no kind', 'apiVersion: v1\n', [{ line: 1, message: 'error validating data: kind not set' }]],
    ['no name', 'apiVersion: v1\nkind: Pod\nmetadata: {}\n', [{ line: 1, message: 'error when creating: resource name may not be empty' }]],
    [
      'a list as metadata',
      'apiVersion: v1\nkind: Pod\nmetadata: []\n',
      [{ line: 1, message: 'error when creating: resource name may not be empty' }],
    ],
  ])('marks %s', (_, text, errors) => {
    const read = readManifests(text);
    expect(read.errors.map(({ line, message }) => ({ line, message }))).toEqual(errors);
    expect(read.manifests).toEqual([]);
  });

  it('reads the other documents beside a broken one', () => {
    const read = readManifests(`${pod('a')}---\nkind: [\n---\n${pod('c')}`);
    expect(read.manifests.map((manifest) => [manifest.object.metadata.name, manifest.line, manifest.document])).toEqual([
      ['a', 1, 0],
      ['c', 8, 2],
    ]);
    expect(read.errors).toHaveLength(1);
    expect(read.errors[0]?.document).toBe(1);
  });

  it('skips empty documents and comments', () => {
    expect(readManifests(`# nothing\n---\n---\n${pod('a')}---\n# end\n`)).toMatchObject({ errors: [], manifests: [{ line: 4 }] });
  });

  it('takes lists apart, each item with its line', () => {
    const read = readManifests('apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n- kind: Pod\n');
    expect(read.manifests.map(({ line, path }) => ({ line, path }))).toEqual([{ line: 4, path: 'items[0]' }]);
    expect(read.errors.map(({ line, message }) => ({ line, message }))).toEqual([
      { line: 7, message: 'error validating data: apiVersion not set' },
    ]);
  });

  it('reads JSON', () => {
    expect(readManifests('{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"}}').manifests).toHaveLength(1);
  });

  it('reads values as go-yaml does', () => {
    const data = 'data: {day: 2024-01-02, ratio: 12:30:45, on: yes, mode: 0644, word: "yes"}\n';
    const [manifest] = readManifests(`apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n${data}`).manifests;
    expect((manifest?.object as unknown as { data: unknown }).data).toEqual({
      day: '2024-01-02',
      ratio: '12:30:45',
      true: true,
      mode: 420,
      word: 'yes',
    });
  });

  it('refuses an alias bomb', () => {
    const levels = 'bcdefghi'.split('').map(
      (name, at) =>
        `${name}: &${name} [${Array(9)
          .fill(`*${'abcdefgh'.charAt(at)}`)
          .join(',')}]`,
    );
    const read = readManifests(`${pod('x')}a: &a [lol,lol,lol]\n${levels.join('\n')}\n`);
    expect(read).toEqual({
      manifests: [],
      errors: [{ message: `${head} document contains excessive aliasing`, line: 1, column: 1, document: 0 }],
    });
  });

  it('refuses a text over 4 MiB without parsing it', () => {
    const started = performance.now();
    const read = readManifests(pod('a') + '#'.repeat(5 * 1024 * 1024));
    expect(read.errors[0]?.message).toBe('the text is too large: 5.0 MiB, the limit is 4 MiB');
    expect(performance.now() - started).toBeLessThan(50);
  });

  it('survives brackets nested without end', () => {
    expect(readManifests('['.repeat(100_000)).manifests).toEqual([]);
  });
});
