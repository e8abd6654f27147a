import { describe, expect, it } from 'vitest';
import { everything, labelSelectorAsSelector, nothing, selectorFromSet } from './labels.ts';
import { parseSelector } from './label-selector-parser.ts';
import { parseFieldSelector } from './fields.ts';

describe('label selectors', () => {
  it.each([
    ['app=web', { app: 'web' }, true],
    ['app=web', undefined, false],
    ['app!=web', undefined, true],
    ['app in (web,api),tier notin (cache)', { app: 'api' }, true],
    ['!app', { app: '' }, false],
    ['size>9', { size: '10' }, true],
    ['size<9', { size: 'big' }, false],
    ['constructor', {}, false],
    ['constructor!=x', {}, true],
  ])('%s against %j: %s', (text, labels, expected) => {
    expect(parseSelector(text).matches(labels as Record<string, string> | undefined)).toBe(expected);
  });

  it.each([
    ['x=a||y=b', 'unable to parse requirement: values[0][x]: Invalid value: "a||y"'],
    ['a_/b', 'unable to parse requirement: <nil>: Invalid value: "a_/b": prefix part a lowercase RFC 1123 subdomain'],
    ['x in (a', "unable to parse requirement: found '', expected: ',' or ')'"],
    [',x', "found ',', expected: !, identifier, or 'end of string'"],
    ['x>a', `unable to parse requirement: values[0]: Invalid value: "a": for 'Gt', 'Lt' operators, the value must be an integer`],
  ])('refuses %s', (text, message) => {
    expect(() => parseSelector(text)).toThrow(message);
  });

  it('compiles an API selector once', () => {
    const selector = { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'Exists' }] };
    expect(labelSelectorAsSelector(selector)).toBe(labelSelectorAsSelector(selector));
    expect(labelSelectorAsSelector(selector).toString()).toBe('app=web,tier');
  });

  it('selects nothing when absent and everything when empty', () => {
    expect(labelSelectorAsSelector(undefined)).toBe(nothing);
    expect(labelSelectorAsSelector({})).toBe(everything);
    expect(selectorFromSet(undefined)).toBe(everything);
  });

  it('refuses an unknown operator of the API form', () => {
    expect(() => labelSelectorAsSelector({ matchExpressions: [{ key: 'a', operator: 'Near' }] })).toThrow(
      '"Near" is not a valid label selector operator',
    );
  });
});

describe('field selectors', () => {
  it('tells an informer which node it is about', () => {
    const selector = parseFieldSelector('spec.nodeName=node-1,status.phase!=Failed');
    expect(selector.requiresExactMatch('spec.nodeName')).toBe('node-1');
    expect(selector.requiresExactMatch('status.phase')).toBeUndefined();
    expect(selector.matches((field) => (field === 'spec.nodeName' ? 'node-1' : undefined))).toBe(true);
  });

  it('refuses what is not a comparison', () => {
    expect(() => parseFieldSelector('x')).toThrow("invalid selector: 'x'; can't understand 'x'");
  });
});
