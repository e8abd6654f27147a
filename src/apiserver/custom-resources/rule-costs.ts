/**
 * What the rules of a schema may cost at most, and what is said of rules that may cost too much
 * (`k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/validation/{validation,cel_validation}.go`).
 */
import { estimatedCost } from '../../apimachinery/cel/cost-estimate.ts';
import type { Program } from '../../apimachinery/cel/environment.ts';
import { forbiddenField } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import { ruleEnvironment } from './rules.ts';
import type { CompiledRule, SchemaWithRules } from './rules.ts';
import type { CustomSchema } from './schema.ts';
import { mostIn, sizesOf } from './schema-sizes.ts';
import type { SchemaSize } from './schema-sizes.ts';

/** What one rule may cost, in all places of an object together (`StaticEstimatedCostLimit`). */
const RULE_LIMIT = 10_000_000;
/** What all rules of a version may cost (`StaticEstimatedCRDCostLimit`). */
const SCHEMA_LIMIT = 100_000_000;
/** So many rules are named when all together cost too much, the most expensive first. */
const NAMED = 4;
const HINT = '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)';

/** Adds up the costs of the rules of one version. */
export class RuleCosts {
  #total = 0;
  readonly #expensive: { readonly field: string; readonly cost: number }[] = [];

  /** Findings on the rules at one node. `cardinality`: how often the node can be in an object; undefined when nothing limits it. */
  errorsAt(
    schema: SchemaWithRules,
    rules: readonly CompiledRule[],
    at: string,
    isRoot: boolean,
    cardinality: number | undefined,
  ): FieldError[] {
    const sizes = sizesOf(schema, isRoot);
    if (sizes === undefined) return [];
    return rules.flatMap((rule, index) => {
      const often = cardinality ?? mostIn(sizes);
      const own = costOf(rule.program, rule, schema, isRoot, sizes);
      return [
        ...this.#observe(`${at}[${index}].rule`, 'rule', own === 0 ? 0 : own * often),
        ...this.#observe(`${at}[${index}].messageExpression`, 'messageExpression', costOf(rule.message, rule, schema, isRoot, sizes)),
      ];
    });
  }

  #observe(field: string, what: string, cost: number): FieldError[] {
    this.#total += cost;
    if (cost >= SCHEMA_LIMIT / 100) this.#expensive.push({ field, cost });
    return cost > RULE_LIMIT ? [forbiddenField(field, exceeds(`estimated ${what} cost`, cost, RULE_LIMIT))] : [];
  }

  /** Findings on all rules together; `path` is that of the schema. */
  totalErrors(path: string): FieldError[] {
    if (this.#total <= SCHEMA_LIMIT) return [];
    const named = this.#expensive.toSorted((a, b) => (a.cost === b.cost ? 0 : b.cost - a.cost)).slice(0, NAMED);
    return [
      ...named.map(({ field }) =>
        forbiddenField(field, 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'),
      ),
      forbiddenField(
        path,
        exceeds('x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema', this.#total, SCHEMA_LIMIT),
      ),
    ];
  }
}

function costOf(program: Program | undefined, { rule }: CompiledRule, schema: CustomSchema, isRoot: boolean, sizes: SchemaSize): number {
  if (program === undefined) return 0;
  return estimatedCost(program.expr, ruleEnvironment(rule, schema, isRoot)?.typesOf(program.expr) ?? new Map(), sizes);
}

function exceeds(what: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const text = factor > 100 ? 'more than 100' : factor < 1.5 ? factor.toFixed(6) : factor.toFixed(1);
  return `${what} exceeds budget by factor of ${text}x ${HINT}`;
}
