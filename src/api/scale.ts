/** The scale subresource as all workload kinds have it (`pkg/registry/apps/deployment/storage/storage.go`, ScaleREST). */
import { labelSelectorAsSelector } from '../apimachinery/labels.ts';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import type { LabelSelector } from './generated/types.ts';
import type { ScalePaths } from './resource.ts';

interface Scalable extends KubernetesObject {
  spec: { replicas?: number };
  status?: { replicas?: number };
}

/** `spec.replicas` and `status.replicas`; `selector` writes the selector as text. */
export const replicaScale = <T extends Scalable>(selector: (object: T) => string): ScalePaths<T> => ({
  specReplicas: ({ spec }) => spec.replicas ?? 0,
  statusReplicas: ({ status }) => status?.replicas ?? 0,
  selector,
  withReplicas: (object, replicas) => ({ ...object, spec: { ...object.spec, replicas } }),
});

/** The same, of a kind whose `spec.selector` is a label selector. */
export const labelledScale = <T extends Scalable & { spec: { selector: LabelSelector } }>(): ScalePaths<T> =>
  replicaScale(({ spec }) => labelSelectorAsSelector(spec.selector).toString());
