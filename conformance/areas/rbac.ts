/** RBAC: what rules allow (op authorize) and which rights a set of rules lacks (op covers). */
import type { PolicyRule } from '../../src/api/generated/types.ts';
import { ruleAllows, uncoveredRights } from '../../src/apiserver/authorization/rules.ts';
import { StatusError } from '../../src/apimachinery/status.ts';
import type { Area } from '../area.ts';

interface Input {
  op: string;
  ownerRules?: PolicyRule[];
  servantRules?: PolicyRule[];
  rules?: PolicyRule[];
  request?: { verb: string; apiGroup?: string; resource?: string; subresource?: string; name?: string; path?: string };
}

export const run: Area['run'] = (input) => {
  const { op, ownerRules = [], servantRules = [], rules = [], request } = input as unknown as Input;
  if (op === 'covers') {
    const uncovered = uncoveredRights(ownerRules, servantRules);
    return { covered: uncovered.length === 0, uncovered };
  }
  if (op !== 'authorize' || request === undefined) throw new StatusError(400, 'BadRequest', `unknown op ${op}`, {});
  const { verb, apiGroup = '', resource = '', subresource, name = '', path } = request;
  const attributes = { verb, group: apiGroup, resource: subresource ? `${resource}/${subresource}` : resource, name, path };
  return { allowed: rules.some((rule) => ruleAllows(rule, attributes)) };
};

/** Rules are compared without the keys that are empty lists, and in any order. */
export const equal: Area['equal'] = (_key, actual, expected) => canonical(actual) === canonical(expected);

function canonical(value: unknown): string {
  if (!Array.isArray(value)) return JSON.stringify(value);
  const texts = value.map((rule: PolicyRule) =>
    JSON.stringify(
      Object.entries(rule)
        .filter(([, list]) => !Array.isArray(list) || list.length > 0)
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  );
  return texts.sort().join('\n');
}
