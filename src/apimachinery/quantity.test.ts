import { describe, expect, it } from 'vitest';
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  milliValue,
  multiplyQuantity,
  parseQuantity,
  quantityOf,
  roundUpQuantity,
  subtractQuantities,
  tryParseQuantity,
  value,
} from './quantity.ts';

describe('quantities', () => {
  it.each([
    ['1024Mi', '1Gi'],
    ['0.5', '500m'],
    [1, '1'],
    [0.1, '100m'],
    ['1.234k', '1.234k'],
    ['12Ei', '9223372036854775807'],
    ['-1.5Gi', '-1536Mi'],
    ['1000E', '1000E'],
  ])('%s is stored as %s', (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical);
  });

  it.each([
    ['100m', 100, 1],
    ['1500m', 1500, 2],
    ['2', 2000, 2],
    ['1Ki', 1_024_000, 1024],
    ['1u', 1, 1],
    ['0', 0, 0],
  ])('%s is %d thousandths and %d whole units, rounded up', (text, milli, whole) => {
    expect(milliValue(text)).toBe(milli);
    expect(value(text)).toBe(whole);
  });

  it.each(['', '1i', '1.1.M', ' 1', '1e99999'])('refuses %j', (text) => {
    expect(tryParseQuantity(text)).toBeUndefined();
    expect(() => parseQuantity(text)).toThrow();
  });

  it('keeps the left format in sums, unless the left side is zero', () => {
    expect(formatQuantity(addQuantities(parseQuantity('1Gi'), parseQuantity('1024Mi')))).toBe('2Gi');
    expect(formatQuantity(addQuantities(parseQuantity('0'), parseQuantity('1Ki')))).toBe('1Ki');
    expect(formatQuantity(subtractQuantities(parseQuantity('1'), parseQuantity('1')))).toBe('0');
    expect(formatQuantity(multiplyQuantity(parseQuantity('250m'), 4))).toBe('1');
  });

  it('compares exactly beyond what a double holds', () => {
    expect(compareQuantities(parseQuantity('9007199254740993'), parseQuantity('9007199254740992'))).toBe(1);
    expect(compareQuantities(quantityOf(1024), parseQuantity('1Ki'))).toBe(0);
  });

  it('rounds up to a scale', () => {
    expect(formatQuantity(roundUpQuantity(parseQuantity('1234567n'), -3))).toBe('2m');
  });
});
