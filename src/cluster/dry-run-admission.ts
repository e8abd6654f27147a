/**
 * Answers dry runs of the scheduler: a SchedulingDecision that is created without a status gets it from the scheduler
 * before it is stored, as a mutating admission webhook of the scheduler would do it. So the answer is there at once, even
 * while the clock stands still.
 */
import { SchedulingDecisionResource } from '../api/kubarium/scheduling-decision.ts';
import type { SchedulingDecision } from '../api/kubarium/scheduling-decision.ts';
import { PriorityClassResource } from '../api/scheduling/priority-class.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../apiserver/admission/admission.ts';
import { serviceUnavailable } from '../apimachinery/status.ts';

/** The part of the scheduler that answers. */
export interface DryRunner {
  dryRun(decision: SchedulingDecision): SchedulingDecision;
}

/** Admission resolves the template's priority class as it would a pod's. */
function withPriority({ reader }: AdmissionRequest, decision: SchedulingDecision): SchedulingDecision {
  const { template } = decision.spec;
  const name = template?.spec?.priorityClassName;
  if (template?.spec === undefined || !name || template.spec.priority !== undefined) return decision;
  const priority = reader.get(PriorityClassResource, undefined, name)?.value ?? 0;
  return { ...decision, spec: { ...decision.spec, template: { ...template, spec: { ...template.spec, priority } } } };
}

/** Schedulers of users: answers for the one whose profile is asked for, or not at all. */
export interface OwnDryRunner {
  dryRun(decision: SchedulingDecision): SchedulingDecision | undefined;
}

/**
 * The admission plugin. `scheduler` gives the scheduler that leads now; the request is refused while there is none. `own` are the users'
 * schedulers: they answer for their own schedulerName, unless another profile is supposed.
 */
export function schedulingDryRun(scheduler: () => DryRunner | undefined, own: () => OwnDryRunner | undefined): AdmissionPlugin {
  return {
    name: 'SchedulingDryRun',
    admit(request, object) {
      if (request.operation !== 'CREATE' || request.resource !== SchedulingDecisionResource) return object;
      const decision = object as SchedulingDecision;
      if (decision.status?.result !== 'Pending') return object;
      const answer = decision.spec.overrides?.profile === undefined ? own()?.dryRun(decision) : undefined;
      if (answer !== undefined) return answer;
      const runner = scheduler();
      if (runner === undefined) throw serviceUnavailable('no kube-scheduler is running that could answer a dry run');
      return runner.dryRun(withPriority(request, decision));
    },
  };
}
