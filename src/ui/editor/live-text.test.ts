import { describe, expect, it } from 'vitest';
import { changedRegion, managersOf, sectionsOf, stepsToLine } from './live-text.ts';

const apply = (text: string, { from, to, replacement }: ReturnType<typeof changedRegion>): string => {
  const lines = text.split('\n');
  return [...lines.slice(0, from - 1).map((line) => `${line}\n`), replacement, lines.slice(to - 1).join('\n')].join('');
};

describe('changedRegion', () => {
  it.each([
    ['a\nb\nc\n', 'a\nx\nc\n', [2]],
    ['a\nb\n', 'a\nb\nc\n', [3]],
    ['a\nb\nc\n', 'a\nc\n', []],
    ['a\n', 'b\n', [1]],
    ['a\na\n', 'a\na\na\n', [3]],
    ['a\nb\nc\nd\n', 'x\nb\nc\ny\n', [1, 4]],
  ])('%j to %j', (before, after, changed) => {
    const region = changedRegion(before, after);
    expect(region.changed).toEqual(changed);
    expect(apply(before, region)).toBe(after);
  });
});

const text = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 2
  template:
    spec:
      containers:
      - name: web
        image: nginx
status:
  replicas: 2
`;

it('tells the sections apart', () => {
  expect(sectionsOf(text)).toEqual([
    { name: 'metadata', from: 1, to: 1 },
    { name: 'metadata', from: 2, to: 2 },
    { name: 'metadata', from: 3, to: 4 },
    { name: 'spec', from: 5, to: 11 },
    { name: 'status', from: 12, to: 13 },
  ]);
});

describe('managersOf', () => {
  const entries = [
    {
      manager: 'kubectl',
      operation: 'Update',
      fieldsV1: {
        'f:spec': { 'f:replicas': {}, 'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:image': {} } } } } },
      },
    },
    { manager: 'kube-controller-manager', operation: 'Update', subresource: 'status', fieldsV1: { 'f:status': { 'f:replicas': {} } } },
  ];
  it.each([
    [6, ['kubectl']],
    [11, ['kubectl']],
    [13, ['kube-controller-manager']],
    [4, []],
  ])('of line %i', (line, managers) => {
    expect(managersOf(entries, stepsToLine(text, line)).map(({ manager }) => manager)).toEqual(managers);
  });
});
