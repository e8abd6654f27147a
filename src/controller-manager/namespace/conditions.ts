/**
 * What a namespace in deletion says about its remaining content
 * (`pkg/controller/namespace/deletion/status_condition_utils.go`). Pure.
 */
import type { NamespaceCondition } from '../../api/generated/types.ts';
import { setCondition } from '../../apimachinery/conditions.ts';
import { formatTime } from '../../apimachinery/durations.ts';

/** What one pass over the namespace found. Names are "pods." or "deployments.apps", as the messages write them. */
export interface Remaining {
  /** Objects left per resource. */
  resources: ReadonlyMap<string, number>;
  /** Objects that carry a finalizer, per finalizer. */
  finalizers: ReadonlyMap<string, number>;
  /** Failures of deletions. */
  errors: readonly string[];
}

/** The five conditions after a pass. */
export function conditionsAfter(
  conditions: readonly NamespaceCondition[] | undefined,
  remaining: Remaining,
  nowMs: number,
): readonly NamespaceCondition[] {
  const now = formatTime(nowMs);
  return outcomes(remaining).reduce((list, condition) => setCondition(list, condition, now), conditions ?? []);
}

function outcomes({ resources, finalizers, errors }: Remaining): NamespaceCondition[] {
  const counted = (counts: ReadonlyMap<string, number>, word: string) =>
    [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, count]) => `${name} ${word} ${count} resource instances`);
  return [
    {
      type: 'NamespaceDeletionDiscoveryFailure',
      status: 'False',
      reason: 'ResourcesDiscovered',
      message: 'All resources successfully discovered',
    },
    {
      type: 'NamespaceDeletionGroupVersionParsingFailure',
      status: 'False',
      reason: 'ParsedGroupVersions',
      message: 'All legacy kube types successfully parsed',
    },
    errors.length > 0
      ? {
          type: 'NamespaceDeletionContentFailure',
          status: 'True',
          reason: 'ContentDeletionFailed',
          message: `Failed to delete all resource types, ${errors.length} remaining: ${errors.toSorted().join(', ')}`,
        }
      : {
          type: 'NamespaceDeletionContentFailure',
          status: 'False',
          reason: 'ContentDeleted',
          message: 'All content successfully deleted, may be waiting on finalization',
        },
    resources.size > 0
      ? {
          type: 'NamespaceContentRemaining',
          status: 'True',
          reason: 'SomeResourcesRemain',
          message: `Some resources are remaining: ${counted(resources, 'has').join(', ')}`,
        }
      : { type: 'NamespaceContentRemaining', status: 'False', reason: 'ContentRemoved', message: 'All content successfully removed' },
    finalizers.size > 0
      ? {
          type: 'NamespaceFinalizersRemaining',
          status: 'True',
          reason: 'SomeFinalizersRemain',
          message: `Some content in the namespace has finalizers remaining: ${counted(finalizers, 'in').join(', ')}`,
        }
      : {
          type: 'NamespaceFinalizersRemaining',
          status: 'False',
          reason: 'ContentHasNoFinalizers',
          message: 'All content-preserving finalizers finished',
        },
  ];
}
