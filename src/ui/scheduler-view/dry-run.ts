/**
 * "What if": asks the scheduler what it would do now with a pod, or with its weights, requests, nodes or profile a little otherwise.
 * The SchedulingDecision is created as a dry run of the API as well: nothing is stored, no revision passes.
 */
import { useEffect, useState } from 'react';
import { SchedulingDecisionResource } from '../../api/kubarium/scheduling-decision.ts';
import { useCluster } from '../cluster/hooks.ts';
import type { SchedulingDecision, SchedulingOverrides } from '../../api/kubarium/scheduling-decision.ts';

const { group, version, plural: resource } = SchedulingDecisionResource;
/** A slider that is being moved asks when it rests this long, ms. */
const REST_MS = 150;

/** The answer: the decision that would be taken, or why there is none. */
export interface DryRunAnswer {
  decision?: SchedulingDecision;
  error?: string;
}

/** Asks the same for each of `asked` whenever one of them changes; answers in the same order, undefined until they are there. */
export function useDryRuns(
  of: { spec: Pick<SchedulingDecision['spec'], 'podRef' | 'profile'> },
  asked: readonly (SchedulingOverrides | undefined)[],
): readonly DryRunAnswer[] | undefined {
  const { connection } = useCluster();
  const key = JSON.stringify([of.spec.podRef, of.spec.profile, asked]);
  const [answers, setAnswers] = useState<{ key: string; list: readonly DryRunAnswer[] }>();
  useEffect(() => {
    let current = true;
    const [podRef, profile, wanted] = JSON.parse(key) as [SchedulingDecision['spec']['podRef'], string, (SchedulingOverrides | null)[]];
    const { namespace } = podRef;
    const ask = async (overrides: SchedulingOverrides | null): Promise<DryRunAnswer> => {
      const body = {
        apiVersion: 'kubarium.dev/v1alpha1',
        kind: 'SchedulingDecision',
        metadata: { generateName: `what-if-`, namespace },
        spec: { podRef: { ...podRef, uid: '' }, profile, ...(overrides && { overrides }) },
      };
      try {
        const { object } = await connection.request({
          verb: 'create',
          group,
          version,
          resource,
          namespace,
          body,
          options: { dryRun: true },
        });
        return { decision: object as SchedulingDecision };
      } catch (error) {
        return { error: error instanceof Error ? error.message : String(error) };
      }
    };
    const run = async () => {
      const list = await Promise.all(wanted.map(ask));
      if (current) setAnswers({ key, list });
    };
    const timer = setTimeout(() => void run(), REST_MS);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [connection, key]);
  return answers?.list;
}
