/**
 * Answers dry runs of the scheduler: a SchedulingDecision that is created without a status gets it from the scheduler
 * before it is stored, as a mutating admission webhook of the scheduler would do it. So the answer is there at once, even
 * while the clock stands still.
 */
import { SchedulingDecisionResource } from '../api/kubarium/scheduling-decision.ts';
import type { AlternativeOutcome, SchedulingDecision } from '../api/kubarium/scheduling-decision.ts';
import { PriorityClassResource } from '../api/scheduling/priority-class.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../apiserver/admission/admission.ts';
import { serviceUnavailable, StatusError } from '../apimachinery/status.ts';

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
      if ((object as SchedulingDecision).status?.result !== 'Pending') return object;
      const decision = withPriority(request, object as SchedulingDecision);
      const ask = (asked: SchedulingDecision) => {
        const answer = asked.spec.overrides?.profile === undefined ? own()?.dryRun(asked) : undefined;
        if (answer !== undefined) return answer;
        const runner = scheduler();
        if (runner === undefined) throw serviceUnavailable('no kube-scheduler is running that could answer a dry run');
        return runner.dryRun(asked);
      };
      const answer = ask(decision);
      const { alternatives = [] } = decision.spec;
      if (alternatives.length === 0) return answer;
      return { ...answer, status: { ...answer.status, alternatives: compared(decision, answer, ask) } };
    },
  };
}

/** How the alternatives fare. One that cannot be asked says so, and the others are asked all the same. */
function compared(
  decision: SchedulingDecision,
  { status: first }: SchedulingDecision,
  ask: (decision: SchedulingDecision) => SchedulingDecision,
): AlternativeOutcome[] {
  return (decision.spec.alternatives ?? []).map(({ name, overrides }) => {
    try {
      const { status } = ask({ ...decision, spec: { ...decision.spec, overrides } });
      return { name, status, differs: status.nodeName !== first.nodeName || status.result !== first.result };
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      return { name, error: error.message };
    }
  });
}
