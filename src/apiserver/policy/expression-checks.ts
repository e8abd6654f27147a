/** Expressions of policies and webhooks when they are written (`k8s.io/kubernetes/pkg/apis/admissionregistration/validation`). */
import { invalidValue } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { ExpressionChecks } from '../../api/expressions.ts';
import type { Compiled } from '../../apimachinery/cel/environment.ts';
import { definitionRuleErrors } from '../custom-resources/rule-checks.ts';
import { compilePolicy, compiledConditions } from './compiled-policies.ts';

const finding = (field: string, expression: string, compiled: Compiled | undefined): FieldError[] =>
  compiled?.error === undefined ? [] : [invalidValue(field, expression, compiled.error)];

/** The checks that kinds ask for. */
export const EXPRESSION_CHECKS: ExpressionChecks = {
  definition: definitionRuleErrors,
  policy({ spec = {} }) {
    const { matchConditions = [], variables = [], validations = [], auditAnnotations = [] } = spec;
    const compiled = compilePolicy(spec);
    return [
      ...matchConditions.flatMap(({ expression }, index) =>
        finding(`spec.matchConditions[${index}].expression`, expression, compiled.matchConditions[index]),
      ),
      ...variables.flatMap(({ expression }, index) =>
        finding(`spec.variables[${index}].expression`, expression, compiled.variables[index]?.compiled),
      ),
      ...validations.flatMap(({ expression, messageExpression = '' }, index) => [
        ...finding(`spec.validations[${index}].expression`, expression, compiled.validations[index]),
        ...finding(`spec.validations[${index}].messageExpression`, messageExpression, compiled.messages[index]),
      ]),
      ...auditAnnotations.flatMap(({ valueExpression }, index) =>
        finding(`spec.auditAnnotations[${index}].valueExpression`, valueExpression, compiled.auditAnnotations[index]),
      ),
    ];
  },
  webhooks({ webhooks = [] }) {
    return webhooks.flatMap(({ matchConditions = [] }, at) => {
      const compiled = compiledConditions(matchConditions);
      return matchConditions.flatMap(({ expression }, index) =>
        finding(`webhooks[${at}].matchConditions[${index}].expression`, expression, compiled[index]),
      );
    });
  },
};
