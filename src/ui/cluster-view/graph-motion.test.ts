import { describe, expect, it } from 'vitest';
import { edgePoint } from './graph-motion.ts';

describe('edgePoint', () => {
  const box = { x: 0, y: 0, width: 40, height: 20 };
  it.each([
    [
      { x: 100, y: 0 },
      { x: 20, y: 0 },
    ],
    [
      { x: 0, y: -100 },
      { x: 0, y: -10 },
    ],
    [
      { x: 40, y: 40 },
      { x: 10, y: 10 },
    ],
    [
      { x: 5, y: 5 },
      { x: 0, y: 0 },
    ],
    [
      { x: 0, y: 0 },
      { x: 0, y: 0 },
    ],
  ])('towards %j is %j', (to, expected) => {
    expect(edgePoint(box, to)).toEqual(expected);
  });
});
