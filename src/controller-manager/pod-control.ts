/**
 * Creating and deleting pods on behalf of a controller, with the events that say so (`pkg/controller/controller_utils.go`, RealPodControl).
 */
import { PodResource } from '../api/core/pod.ts';
import type { Pod, PodSpec, PodTemplateSpec } from '../api/generated/types.ts';
import { newControllerRef } from '../apimachinery/meta.ts';
import type { KubernetesObject, ObjectMeta } from '../apimachinery/meta.ts';
import { StatusError } from '../apimachinery/status.ts';
import type { Client, Sent } from '../client/client.ts';
import type { EventRecorder } from '../client/event-recorder.ts';

/** What a controller needs for it. */
export interface PodControl {
  client: Client;
  recorder: EventRecorder;
}

/** How a pod differs from the plain template. */
export interface PodChanges {
  metadata?: Partial<ObjectMeta>;
  spec?: PodSpec;
}

/** A pod as the template says, managed by `owner`. The template's spec, labels and annotations are shared by reference. */
export function podFromTemplate(template: PodTemplateSpec, owner: KubernetesObject, changes: PodChanges = {}): Sent<Pod> {
  const { labels, annotations, finalizers } = template.metadata ?? {};
  const metadata: Partial<ObjectMeta> = {
    namespace: owner.metadata.namespace,
    generateName: podNamePrefix(owner.metadata.name),
    ownerReferences: [newControllerRef(owner)],
  };
  if (labels) metadata.labels = labels;
  if (annotations) metadata.annotations = annotations;
  if (finalizers) metadata.finalizers = finalizers;
  return { metadata: changes.metadata ? { ...metadata, ...changes.metadata } : metadata, spec: changes.spec ?? template.spec };
}

/** "name-", or "name" where the dash would make the prefix too long for a name (`getPodsPrefix`). */
function podNamePrefix(name: string): string {
  return name.length < 253 ? `${name}-` : name;
}

/** Creates the pod; records SuccessfulCreate or FailedCreate. Throws what the API answers. */
export function createPod({ client, recorder }: PodControl, owner: KubernetesObject, pod: Sent<Pod>): Pod {
  try {
    const created = client.create(PodResource, pod);
    recorder.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name}`);
    return created;
  } catch (error) {
    if (error instanceof StatusError && !isNamespaceTerminating(error)) {
      recorder.event(owner, 'Warning', 'FailedCreate', `Error creating: ${error.message}`);
    }
    throw error;
  }
}

/** Deletes the pod; records SuccessfulDelete or FailedDelete. Throws NotFound when it is gone, as the API answers. */
export function deletePod({ client, recorder }: PodControl, owner: KubernetesObject, pod: Pod): void {
  try {
    client.delete(PodResource, pod.metadata);
  } catch (error) {
    if (error instanceof StatusError && error.reason !== 'NotFound') {
      recorder.event(owner, 'Warning', 'FailedDelete', `Error deleting: ${error.message}`);
    }
    throw error;
  }
  recorder.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${pod.metadata.name}`);
}

/** The creation failed because the namespace is going away: nothing to retry (`NamespaceTerminatingCause`). */
export function isNamespaceTerminating(error: unknown): boolean {
  return error instanceof StatusError && (error.status.details?.causes ?? []).some(({ reason }) => reason === 'NamespaceTerminating');
}
