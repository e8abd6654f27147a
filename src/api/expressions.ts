/**
 * The place of the checks on expressions (CEL) in objects. They bring a whole language with them, so they are loaded apart from the rest:
 * whoever runs a cluster puts them in place before the first request of a user comes (`installPolicyEngine`).
 */
import { assert } from '../apimachinery/assert.ts';
import type { FieldError } from '../apimachinery/status.ts';
import type {
  CustomResourceDefinition,
  MutatingWebhookConfiguration,
  ValidatingAdmissionPolicy,
  ValidatingWebhookConfiguration,
} from './generated/types.ts';

/** What is wrong with the expressions of objects: they are compiled and their types checked. */
export interface ExpressionChecks {
  definition(definition: CustomResourceDefinition): FieldError[];
  policy(policy: ValidatingAdmissionPolicy): FieldError[];
  webhooks(configuration: ValidatingWebhookConfiguration | MutatingWebhookConfiguration): FieldError[];
}

let installed: ExpressionChecks | undefined;

/** Puts the checks in place, for all clusters of this process. */
export function installExpressionChecks(checks: ExpressionChecks): void {
  installed = checks;
}

/** The checks. */
export function expressionChecks(): ExpressionChecks {
  assert(installed !== undefined, 'the policy engine has not been installed: call installPolicyEngine() before users send requests');
  return installed;
}
