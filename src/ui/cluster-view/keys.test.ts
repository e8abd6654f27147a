import { describe, expect, it } from 'vitest';
import { alongEdge, walk } from './keys.ts';
import type { Step } from './keys.ts';
import type { Scene, SceneBox, SceneItem } from './scene.ts';

const box = (id: string, x: number): SceneBox => ({
  id,
  kind: 'node',
  name: id,
  control: false,
  pods: 0,
  x,
  y: 0,
  width: 100,
  height: 100,
});
const item = (id: string, x: number, y: number, inBox?: string): SceneItem => ({
  id,
  kind: 'pod',
  x,
  y,
  width: 1,
  height: 1,
  label: '',
  ...(inBox && { box: inBox }),
});
const scene: Scene = {
  x: 0,
  y: 0,
  width: 0,
  height: 0,
  detail: 'single',
  boxes: [box('n1', 0), box('n2', 200)],
  items: [item('b', 20, 10, 'n1'), item('a', 10, 10, 'n1'), item('c', 10, 20, 'n1'), item('svc', 0, 300)],
  edges: [
    { id: '1', source: 'svc', target: 'a', kind: 'serves' },
    { id: '2', source: 'svc', target: 'c', kind: 'serves' },
  ],
};
const rows: [string | undefined, Step, string][] = [
  [undefined, 'right', 'n1'],
  ['gone', 'down', 'n1'],
  ['n1', 'right', 'n2'],
  ['n2', 'right', 'svc'],
  ['svc', 'right', 'svc'],
  ['n1', 'down', 'a'],
  ['a', 'right', 'b'],
  ['b', 'right', 'c'],
  ['c', 'left', 'b'],
  ['a', 'left', 'a'],
  ['c', 'up', 'n1'],
  ['n2', 'down', 'n2'],
  ['b', 'last', 'c'],
  ['n2', 'first', 'n1'],
];

describe('walk', () => {
  it.each(rows)('from %s, %s: %s', (from, step, to) => {
    expect(walk(scene, from, step)).toBe(to);
  });
});

describe('alongEdge', () => {
  it('goes around the far ends, and stays where there is no edge', () => {
    expect(alongEdge(scene, 'svc', undefined)).toBe('a');
    expect(alongEdge(scene, 'svc', 'a')).toBe('c');
    expect(alongEdge(scene, 'svc', 'c')).toBe('a');
    expect(alongEdge(scene, 'a', undefined)).toBe('svc');
    expect(alongEdge(scene, 'b', undefined)).toBe('b');
  });
});
