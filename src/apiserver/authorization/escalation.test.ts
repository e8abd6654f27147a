import { describe, expect, it } from 'vitest';
import type { PolicyRule } from '../../api/generated/types.ts';
import { compactRights, ruleText, uncoveredRights } from './rules.ts';

const rule = (resources: string[], verbs: string[], more: Partial<PolicyRule> = {}): PolicyRule => ({
  apiGroups: [''],
  resources,
  verbs,
  ...more,
});

describe('rights that are given away', () => {
  it.each<[string, PolicyRule, PolicyRule[], boolean]>([
    ['the same rule', rule(['pods'], ['get']), [rule(['pods'], ['get'])], true],
    ['less than what is held', rule(['pods'], ['get']), [rule(['pods', 'secrets'], ['get', 'list'])], true],
    ['held in two rules', rule(['pods', 'secrets'], ['get']), [rule(['pods'], ['get']), rule(['secrets'], ['get'])], true],
    ['a verb more', rule(['pods'], ['get', 'delete']), [rule(['pods'], ['get'])], false],
    ['everything', rule(['*'], ['*'], { apiGroups: ['*'] }), [rule(['pods'], ['get'])], false],
    ['anything, by somebody who has everything', rule(['pods'], ['get']), [rule(['*'], ['*'], { apiGroups: ['*'] })], true],
    ['all names, where one is held', rule(['pods'], ['get']), [rule(['pods'], ['get'], { resourceNames: ['a'] })], false],
    ['one name, where all are held', rule(['pods'], ['get'], { resourceNames: ['a'] }), [rule(['pods'], ['get'])], true],
    ['another group', rule(['pods'], ['get'], { apiGroups: ['apps'] }), [rule(['pods'], ['get'])], false],
    ['a subresource of anything held', rule(['deployments/scale'], ['get']), [rule(['*/scale'], ['get'])], true],
    [
      'a path below one that is held',
      { nonResourceURLs: ['/metrics/x'], verbs: ['get'] },
      [{ nonResourceURLs: ['/metrics/*'], verbs: ['get'] }],
      true,
    ],
    ['another path', { nonResourceURLs: ['/logs'], verbs: ['get'] }, [{ nonResourceURLs: ['/metrics'], verbs: ['get'] }], false],
  ])('%s', (_name, wanted, held, expected) => {
    expect(uncoveredRights(held, [wanted]).length === 0).toBe(expected);
  });

  it('are named as single rights, those on one resource together', () => {
    const missing = uncoveredRights([rule(['pods'], ['get'])], [rule(['pods', 'secrets'], ['get', 'list'])]);
    expect(compactRights(missing).map(ruleText)).toEqual([
      '{APIGroups:[""], Resources:["pods"], Verbs:["list"]}',
      '{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}',
    ]);
  });
});
