/**
 * What a Job's podFailurePolicy says about a failed pod (`pkg/controller/job/pod_failure_policy.go`). Pure.
 */
import type { Pod, PodFailurePolicy, PodFailurePolicyRule } from '../../api/generated/types.ts';
import { keyOf } from '../../apimachinery/meta.ts';

/** What the first rule that matches asks for. */
export interface FailureVerdict {
  /** Why the whole Job fails; only with FailJob. */
  message: string | undefined;
  /** Whether the failure counts towards the back-off limit. */
  counts: boolean;
  /** Undefined when no rule matches. */
  action: string | undefined;
}

const ACTIONS = new Set(['Ignore', 'FailIndex', 'Count', 'FailJob']);

/** The verdict of the first matching rule; unknown actions and operators are passed over. */
export function matchPodFailurePolicy(policy: PodFailurePolicy | undefined, pod: Pod): FailureVerdict {
  for (const [index, rule] of (policy?.rules ?? []).entries()) {
    const cause = ACTIONS.has(rule.action) ? causeOf(rule, pod) : undefined;
    if (cause === undefined) continue;
    const message = rule.action === 'FailJob' ? `${cause} matching FailJob rule at index ${index}` : undefined;
    return { message, counts: rule.action !== 'Ignore', action: rule.action };
  }
  return { message: undefined, counts: true, action: undefined };
}

function causeOf({ onExitCodes, onPodConditions = [] }: PodFailurePolicyRule, pod: Pod): string | undefined {
  if (onExitCodes !== undefined) {
    for (const { name, state } of [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])]) {
      const exitCode = state?.terminated?.exitCode ?? 0;
      if (exitCode === 0 || (onExitCodes.containerName !== undefined && onExitCodes.containerName !== name)) continue;
      const listed = onExitCodes.values.includes(exitCode);
      if (onExitCodes.operator === 'In' ? listed : onExitCodes.operator === 'NotIn' && !listed) {
        return `Container ${name} for pod ${keyOf(pod)} failed with exit code ${exitCode}`;
      }
    }
    return undefined;
  }
  for (const { type, status = 'True' } of onPodConditions) {
    const found = pod.status?.conditions?.some((condition) => condition.type === type && condition.status === status);
    if (found) return `Pod ${keyOf(pod)} has condition ${type}`;
  }
  return undefined;
}
