import { describe, expect, it } from 'vitest';
import { colourLine } from './yaml-colours.ts';

const kinds = (line: string) => colourLine(line).map(({ text, kind }) => [text, kind]);

describe('colourLine', () => {
  it.each([
    [
      'kind: Pod',
      [
        ['kind', 'key'],
        [': ', undefined],
        ['Pod', 'string'],
      ],
    ],
    [
      '  replicas: 3',
      [
        ['  ', undefined],
        ['replicas', 'key'],
        [': ', undefined],
        ['3', 'literal'],
      ],
    ],
    [
      '- name: web',
      [
        ['- ', undefined],
        ['name', 'key'],
        [': ', undefined],
        ['web', 'string'],
      ],
    ],
    [
      'spec:',
      [
        ['spec', 'key'],
        [':', undefined],
      ],
    ],
    [
      '  - sleep',
      [
        ['  - ', undefined],
        ['sleep', 'string'],
      ],
    ],
    [
      'image: nginx:1.27',
      [
        ['image', 'key'],
        [': ', undefined],
        ['nginx:1.27', 'string'],
      ],
    ],
    ['# note', [['# note', 'comment']]],
  ])('%s', (line, expected) => {
    expect(kinds(line)).toEqual(expected);
  });
  it('loses nothing of any line', () => {
    for (const line of ['', '   ', 'a: "b: c"', '  text with spaces', '"quoted: key": 1', "- 'x': y", 'time: 2026-01-01T10:00:00Z']) {
      expect(
        colourLine(line)
          .map(({ text }) => text)
          .join(''),
      ).toBe(line);
    }
  });
});
