/** The figures of upstream's TestCostEstimation (`k8s.io/apiextensions-apiserver/pkg/apiserver/schema/cel/compilation_test.go`). */
import { describe, expect, it } from 'vitest';
import { estimatedCost } from '../../apimachinery/cel/cost-estimate.ts';
import type { CustomResourceDefinition } from '../../api/generated/types.ts';
import { definitionRuleErrors } from './rule-checks.ts';
import { compiledRules, ruleEnvironment } from './rules.ts';
import type { CustomSchema } from './schema.ts';
import { sizesOf } from './schema-sizes.ts';

type Schema = Record<string, unknown>;
/** A schema without limits, or with one limit everywhere. */
type Make = (max?: number) => Schema;

const FORMATS = new Set(['duration', 'date', 'date-time', 'byte']);
function of(type: string): Schema {
  if (type === 'int-or-string') return { 'x-kubernetes-int-or-string': true };
  return FORMATS.has(type) ? { type: 'string', format: type } : { type };
}
const limited = (schema: Schema, limit: string, max: number | undefined): Schema =>
  max === undefined ? schema : { ...schema, [limit]: max };
const text: Make = (max) => limited({ type: 'string' }, 'maxLength', max);
const list =
  (items: string | Schema): Make =>
  (max) =>
    limited({ type: 'array', items: typeof items === 'string' ? of(items) : items }, 'maxItems', max);
const map =
  (values: string | Schema): Make =>
  (max) =>
    limited({ type: 'object', additionalProperties: typeof values === 'string' ? of(values) : values }, 'maxProperties', max);
const object = (properties: Schema, required: string[] = []): Schema => ({ type: 'object', properties, required });
const REQUIRED = object({ required: { type: 'string' } }, ['required']);
const texts: Make = (max) => limited({ type: 'array', items: text(max) }, 'maxItems', max);
const strings: Make = (max) => object({ str: text(max), separator: text(max), before: text(2), after: text(4) });
const textMap: Make = (max) => limited({ type: 'object', additionalProperties: text(max) }, 'maxProperties', max);
const enumerated: Make = (max) => limited({ type: 'string', enum: ['A', 'B', 'C', 'LongValue'] }, 'maxLength', max);

function costOf(rule: string, schema: Schema): number {
  const withRule = { ...schema, 'x-kubernetes-validations': [{ rule }] } as CustomSchema;
  const [compiled] = compiledRules(withRule, false);
  const environment = ruleEnvironment({ rule }, withRule, false);
  const sizes = sizesOf(withRule, false);
  if (compiled?.program === undefined || environment === undefined || sizes === undefined) throw new Error(compiled?.error);
  return estimatedCost(compiled.program.expr, environment.typesOf(compiled.program.expr), sizes);
}

describe('the estimated cost of a rule, without limits and with one', () => {
  it.each<[string, Make, number, number, number]>([
    ['self.all(x, true)', list('number'), 4718591, 10, 32],
    ['self.all(x, true)', list('string'), 3145727, 20, 62],
    ['self.all(x, true)', list('boolean'), 1887437, 5, 17],
    ['self.all(x, true)', list({ type: 'array', items: { type: 'number' } }), 3145727, 100, 302],
    ['self.all(x, true)', list(REQUIRED), 555128, 50, 152],
    ['self.all(x, true)', map('number'), 1348169, 10, 32],
    ['self.all(x, true)', map('string'), 1179647, 3, 11],
    ['self.all(x, true)', map('boolean'), 943718, 100, 302],
    ["self.contains('test')", text, 314574, 10, 5],
    ["self.startsWith('test')", text, 2, 15, 2],
    ["self.endsWith('test')", text, 2, 30, 2],
    ['size(self + "hello") > size("hello")', text, 314578, 4, 7],
    ['self[1] == 0.0', list('number'), 2, 5000, 2],
    ['self[1] == self[1]', list('string'), 314577, 8, 314577],
    ['self.matches("x")', text, 314574, 50, 22],
    ['"".matches("(((((((((())))))))))[0-9]")', text, 7, 10, 7],
    ['self.matches("")', text, 1, 100, 1],
    ['self.all(x, x.contains(self[x]))', textMap, 2752507, 10, 72],
    ['self["x"] == 0.0', map('number'), 2, 0, 2],
    ['self == "x"', text, 2, 0, 1],
    ['self.all(x, x == 0.0)', list('number'), 6291454, 3 * 1024 * 2048, 25165826],
    ['self.all(x, true)', list('int-or-string'), 4718591, 10, 32],
    ['self[0] == 5', list('int-or-string'), 3, 10, 3],
    ['self[0] == false', list('boolean'), 2, 25, 2],
    ['self[0] == null', list(REQUIRED), 2, 422, 2],
    ['self[0][0] == -1.0', list({ type: 'array', items: { type: 'number' } }), 3, 51, 3],
    ['self.all(x, x.y == 25.2)', list({ type: 'object', additionalProperties: { type: 'number' } }), 6291452, 12, 74],
    ['self[0].x > 2.0', list({ type: 'object', additionalProperties: { type: 'number' } }), 4, 3000, 4],
    ['self.all(x, true)', list('duration'), 2359295, 5, 17],
    ['self[0].getHours() == 2', list('duration'), 4, 525, 4],
    ['self.all(x, true)', list('date'), 725936, 15, 47],
    ['self[2].getDayOfMonth() == 13', list('date'), 4, 42, 4],
    ['self.all(x, true)', list('date-time'), 428963, 25, 77],
    ['self[2].getMinutes() == 45', list('date-time'), 4, 99, 4],
    ['self.all(x, true)', map('int-or-string'), 1348169, 15, 47],
    ['self.all(x, true)', map({ type: 'object', additionalProperties: { type: 'number' } }), 1179647, 10, 32],
    ['self.all(x, true)', map({ type: 'array', items: { type: 'number' } }), 1179647, 25, 77],
    ['self.all(x, true)', map('duration'), 1048577, 5, 17],
    ['self.all(x, true)', map('date'), 524288, 10, 32],
    ['self.all(x, true)', map('date-time'), 349526, 25, 77],
    ["self.find('[0-9]+') == ''", text, 629147, 10, 11],
    ["self.join(' ') == 'aa bb'", texts, 329853068905, 10, 43],
    ['self.isSorted() == true', texts, 329854432052, 10, 52],
    ["self.str.replace(self.before, self.after) == 'does not matter'", strings, 629154, 4, 12],
    ['self.str.split(self.separator) == []', strings, 629160, 10, 22],
    ["self.lowerAscii() == 'lower!'", text, 314575, 10, 6],
    ['oldSelf.size() == self.size()', map('integer'), 5, 10, 5],
    ['self["a"] == self["b"]', map('date-time'), 8, 7, 8],
    ['self["c"] == self["d"]', map('duration'), 8, 42, 8],
    ["self.contains('A')", enumerated, 2, 1000, 401],
  ])('%s', (rule, make, free, max, bound) => {
    expect([costOf(rule, make()), costOf(rule, make(max))]).toEqual([free, bound]);
  });

  it.each([
    ['self.all(x, self.all(y, true))', 352],
    ['self.all(x, self.all(y, self.all(z, true)))', 3552],
  ])('%s', (rule, bound) => {
    expect(costOf(rule, list('number')())).toBeGreaterThan(10_000_000);
    expect(costOf(rule, list('number')(10))).toBe(bound);
  });
});

const errors = (...schemas: Schema[]): string[] =>
  definitionRuleErrors({
    spec: {
      versions: schemas.map((spec, index) => ({
        name: `v${index}`,
        schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
      })),
    },
  } as unknown as CustomResourceDefinition).map(({ field, detail }) => `${field}: ${detail}`);
const HINT = '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)';
const ruled = (schema: Schema, rule: string, more: Schema = {}): Schema => ({ ...schema, 'x-kubernetes-validations': [{ rule, ...more }] });
const CONTAINS = "self.all(x, x.contains('gpu'))";
/** A list of texts. */
const tags = (maxLength: number, maxItems: number) => limited(list(text(maxLength))(), 'maxItems', maxItems);

describe('definitions whose rules may cost too much', () => {
  it.each([
    [16, 909_090],
    [63, 333_333],
    [253, 94_339],
    [1024, 24_154],
  ])('texts of %i characters: a list of %i is the longest', (maxLength, most) => {
    expect(errors(ruled(tags(maxLength, most), CONTAINS))).toEqual([]);
    expect(errors(ruled(tags(maxLength, most + 1), CONTAINS))).toEqual([
      expect.stringContaining('.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of 1.0000'),
    ]);
  });

  it('say so three times where nothing is limited', () => {
    const path = 'spec.validation.openAPIV3Schema';
    expect(errors(ruled(list('string')(), CONTAINS))).toEqual([
      `${path}.properties[spec].x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of more than 100x ${HINT}`,
      `${path}.properties[spec].x-kubernetes-validations[0].rule: Forbidden: contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema`,
      `${path}: Forbidden: x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema exceeds budget by factor of more than 100x ${HINT}`,
    ]);
  });

  it('count a rule below a list as often as there can be items', () => {
    const item = ruled(object({ a: text(100) }), "self.a.matches('^[a-z]+$')");
    expect(errors(list(item)(100))).toEqual([]);
    expect(errors(list(item)())[0]).toContain(
      '.items.x-kubernetes-validations[0].rule: Forbidden: estimated rule cost exceeds budget by factor of',
    );
  });

  it('count message expressions', () => {
    const schema = ruled(object({ min: { type: 'integer' } }), 'self.min > 0', { messageExpression: "'min is ' + string(self.min)" });
    expect(errors(schema)[0]).toContain(
      '.messageExpression: Forbidden: estimated messageExpression cost exceeds budget by factor of more than 100x',
    );
  });

  it('name the version where versions differ', () => {
    expect(errors(object({}), ruled(list('string')(), CONTAINS))[0]).toContain('spec.versions[1].schema.openAPIV3Schema.properties[spec]');
  });
});
