/** LimitRange and ResourceQuota: {limitRange, pod} or {quota, used, requested} -> {allowed, message?}. */
import type { LimitRange, Pod } from '../../src/api/generated/types.ts';
import { podViolations } from '../../src/apiserver/admission/limit-ranger.ts';
import { exceeded, overLimit } from '../../src/apiserver/admission/resource-quota.ts';
import { StatusError } from '../../src/apimachinery/status.ts';
import type { Area } from '../area.ts';

interface Input {
  op: string;
  limitRange?: LimitRange;
  pod?: Pod;
  quota?: { name: string; hard: Record<string, string> };
  used?: Record<string, string>;
  requested?: Record<string, string>;
}

export const run: Area['run'] = (input) => {
  const { op, limitRange, pod, quota, used = {}, requested = {} } = input as unknown as Input;
  if (op === 'limitRange' && limitRange !== undefined && pod !== undefined) {
    const errors = podViolations(limitRange, pod);
    return errors.length === 0
      ? { allowed: true }
      : { allowed: false, message: errors.length === 1 ? errors[0] : `[${errors.join(', ')}]` };
  }
  if (op !== 'quota' || quota === undefined) throw new StatusError(400, 'BadRequest', `unknown op ${op}`, {});
  const over = overLimit(requested, used, quota.hard);
  return over.length === 0 ? { allowed: true } : { allowed: false, message: exceeded(quota.name, over, requested, used, quota.hard) };
};
