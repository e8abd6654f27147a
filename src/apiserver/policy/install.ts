/** Puts everything in place that runs expressions: CEL, policies, webhooks, rules of custom resources. */
import { installExpressionChecks } from '../../api/expressions.ts';
import { ruleErrors } from '../custom-resources/rules.ts';
import { installEngine } from './engine.ts';
import { EXPRESSION_CHECKS } from './expression-checks.ts';
import { typeChecking } from './type-checking.ts';
import { validateByPolicies } from './validating-policies.ts';
import { mutateByWebhooks, validateByWebhooks } from './webhooks.ts';

/** Call once per process, before users send requests. */
export function installPolicyEngine(): void {
  installExpressionChecks(EXPRESSION_CHECKS);
  installEngine({ ruleErrors, validateByPolicies, mutateByWebhooks, validateByWebhooks, typeChecking });
}
