import { describe, expect, it } from 'vitest';
import { Insertion, partsOf } from './large-text.ts';

describe('partsOf', () => {
  it.each([
    ['', []],
    ['abcdefg', ['abc', 'def', 'g']],
    ['ab\r\ncd', ['ab\r\n', 'cd']],
    ['ab😀cd', ['ab😀', 'cd']],
  ])('%j', (text, parts) => {
    expect(partsOf(text, 3)).toEqual(parts);
  });
});

describe('an insertion', () => {
  const long = 'x'.repeat(300_000);

  it('takes a task for each part', async () => {
    let taken = '';
    let tasks = 0;
    const timer = setInterval(() => tasks++, 0);
    await new Insertion(long, (part) => Boolean((taken += part))).run();
    clearInterval(timer);
    expect(taken).toBe(long);
    expect(tasks).toBeGreaterThan(0);
  });

  it('is whole at once for somebody who cannot wait', async () => {
    let taken = '';
    const insertion = new Insertion(long, (part) => Boolean((taken += part)));
    const running = insertion.run();
    insertion.finish();
    expect(taken).toBe(long);
    await running;
    expect(taken).toBe(long);
  });

  it('ends when a part can no longer be put in', async () => {
    let count = 0;
    await new Insertion(long, () => ++count < 2).run();
    expect(count).toBe(2);
  });
});
