import { describe, expect, it } from 'vitest';
import { findCondition, isCondition, removeCondition, setCondition } from './conditions.ts';
import { formatMicroTime, formatTime, goDuration, humanDuration, isTime, parseGoDuration, parseTime } from './durations.ts';
import { expand } from './expansion.ts';
import { scaledValue } from './int-or-string.ts';
import { isConfigMapKey, isDNS1123Label, isEnvVarName, isQualifiedName, isRelaxedEnvVarName, ofPrefix } from './names.ts';
import { fnv32a, podTemplateHash, safeEncodeString } from './safe-encode.ts';
import { utf8Length } from './utf8.ts';
import type { Condition } from './meta.ts';

describe('names', () => {
  it('says what is wrong in the words of Kubernetes', () => {
    expect(isDNS1123Label('Web')).toEqual([
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ]);
    expect(isDNS1123Label('a.b')).toEqual(['must not contain dots']);
    expect(isDNS1123Label('a'.repeat(64))).toEqual(['must be no more than 63 characters']);
    expect(isQualifiedName('/x')).toEqual(['prefix part must be non-empty']);
    expect(isConfigMapKey('..a')).toEqual(["must not start with '..'"]);
  });

  it('accepts relaxed variable names that the strict rule refuses', () => {
    expect(isEnvVarName('1st name')).not.toEqual([]);
    expect(isRelaxedEnvVarName('1st name')).toEqual([]);
    expect(isRelaxedEnvVarName('a=b')).toHaveLength(1);
  });

  it('allows a trailing dash in a prefix', () => {
    expect(ofPrefix(isDNS1123Label, 'web-')).toEqual([]);
    expect(isDNS1123Label('web-')).toHaveLength(1);
  });
});

describe('times and durations', () => {
  it('writes and reads RFC 3339', () => {
    const ms = Date.parse('2026-01-01T10:00:00.123Z');
    expect(formatTime(ms)).toBe('2026-01-01T10:00:00Z');
    expect(formatMicroTime(ms)).toBe('2026-01-01T10:00:00.123000Z');
    expect(parseTime(formatMicroTime(ms))).toBe(ms);
    expect(isTime('2026-01-01')).toBe(false);
    expect(() => parseTime('yesterday')).toThrow('parsing time "yesterday"');
  });

  it.each([
    [119_000, '119s'],
    [150_000, '2m30s'],
    [3 * 86_400_000, '3d'],
    [-500, '0s'],
    [-5_000, '<invalid>'],
  ])('%d ms is %s old', (ms, text) => {
    expect(humanDuration(ms)).toBe(text);
  });

  it.each([
    [0, '0s'],
    [250, '250ms'],
    [80_000, '1m20s'],
    [300_000, '5m0s'],
    [3_600_000, '1h0m0s'],
    [1_500, '1.5s'],
  ])('%d ms is %s in Go', (ms, text) => {
    expect(goDuration(ms)).toBe(text);
    expect(parseGoDuration(text)).toBe(ms);
  });
});

describe('numbers, references and hashes', () => {
  it.each([
    ['25%', true, 3],
    ['25%', false, 2],
    [4, true, 4],
  ])('%s of 10 (up: %s) is %d', (input, up, expected) => {
    expect(scaledValue(input, 10, up)).toBe(expected);
  });

  it('refuses a text without a percent sign', () => {
    expect(() => scaledValue('5', 10, true)).toThrow('invalid value for IntOrString: invalid type: string is not a percentage');
  });

  it('expands references once and leaves unknown ones', () => {
    const variables: Record<string, string> = { A: '$(B)', B: 'b' };
    expect(expand('$(A) $$(B) $(C) $(B', (name) => variables[name])).toBe('$(B) $(B) $(C) $(B');
  });

  it('hashes bytes, not characters', () => {
    expect(fnv32a('a')).toBe(0xe40c292c);
    expect(utf8Length('é€😀')).toBe(9);
    expect(safeEncodeString('0')).toBe('4');
  });

  it('gives equal templates equal hashes and a collision another one', () => {
    const template = Object.freeze({ a: 1, b: 2 });
    expect(podTemplateHash(template)).toBe(podTemplateHash(Object.freeze({ b: 2, a: 1 })));
    expect(podTemplateHash(template, 0)).not.toBe(podTemplateHash(template));
    expect(podTemplateHash(template, 1)).not.toBe(podTemplateHash(template, 2));
  });
});

describe('conditions', () => {
  const ready: Condition = { type: 'Ready', status: 'True', reason: 'Up', lastTransitionTime: 't1' };

  it('keeps the transition time while the status stays', () => {
    const [next] = setCondition([ready], { type: 'Ready', status: 'True', reason: 'Other' }, 't2');
    expect(next).toEqual({ type: 'Ready', status: 'True', reason: 'Other', lastTransitionTime: 't1' });
  });

  it('moves the transition time with the status', () => {
    const list = setCondition([ready], { type: 'Ready', status: 'False' }, 't2');
    expect(findCondition(list, 'Ready')?.lastTransitionTime).toBe('t2');
    expect(isCondition(list, 'Ready', 'False')).toBe(true);
  });

  it('returns the same list when nothing changes', () => {
    const list = [ready];
    expect(setCondition(list, { type: 'Ready', status: 'True', reason: 'Up' }, 't2')).toBe(list);
    expect(removeCondition(list, 'Other')).toBe(list);
  });
});
