/**
 * The past pod templates of DaemonSets and StatefulSets, kept as ControllerRevisions (`pkg/controller/history/controller_history.go`).
 */
import { ControllerRevisionResource } from '../api/apps/controller-revision.ts';
import type { ControllerRevision, PodTemplateSpec } from '../api/generated/types.ts';
import type { ResourceDefinition } from '../api/resource.ts';
import { deepEqual } from '../apimachinery/freeze.ts';
import { controllerOf, newControllerRef } from '../apimachinery/meta.ts';
import type { KubernetesObject, LabelSelector } from '../apimachinery/meta.ts';
import { labelSelectorAsSelector } from '../apimachinery/labels.ts';
import { podTemplateHash } from '../apimachinery/safe-encode.ts';
import { hasReason } from '../apimachinery/status.ts';
import type { Client } from '../client/client.ts';
import type { Informer } from '../client/informer.ts';
import { claimObjects } from './controller-ref-manager.ts';
import { claimable } from './pods.ts';

/** Label of pods that names the revision of their template. */
export const REVISION_HASH = 'controller-revision-hash';
/** Label of ControllerRevisions with the hash of their data. */
const HISTORY_HASH = 'controller.kubernetes.io/hash';

/** An owner of revisions. */
export interface Versioned extends KubernetesObject {
  spec: { selector?: LabelSelector; template: PodTemplateSpec };
}

/** The part of an owner that a revision stores, as the strategic merge patch by which `kubectl rollout undo` restores it. */
interface RevisionData {
  spec: { template: PodTemplateSpec & { $patch: string } };
}

/** All revisions of an owner, oldest first, the one of its present template among them. */
export interface History {
  update: ControllerRevision;
  all: ControllerRevision[];
  /** How often a new name met another object; to be written to the status when it grew. */
  collisionCount: number;
}

/** The revisions in the cache that the owner manages. */
export function ownRevisions<T extends Versioned>(
  client: Client,
  revisions: Informer<ControllerRevision>,
  owner: T,
  ownerResource: ResourceDefinition<T>,
): ControllerRevision[] {
  const selector = labelSelectorAsSelector(owner.spec.selector);
  const matches = ({ metadata }: ControllerRevision) => selector.matches(metadata.labels);
  const claimed = claimObjects(
    { client, owner, ownerResource, resource: ControllerRevisionResource, matches },
    claimable(revisions, owner),
  );
  return claimed.sort(compareRevisions);
}

function compareRevisions(a: ControllerRevision, b: ControllerRevision): number {
  return a.revision - b.revision || (a.metadata.name < b.metadata.name ? -1 : 1);
}

/** Makes sure that the newest revision is that of the present template: the last one, an old one raised to the top, or a new one. */
export function syncHistory<T extends Versioned>(
  client: Client,
  owner: T,
  existing: readonly ControllerRevision[],
  collisionCount: number,
): History {
  const next = (existing.at(-1)?.revision ?? 0) + 1;
  const same = existing.findLast((revision) => isRevisionOf(revision, owner.spec.template));
  if (same !== undefined) {
    const update = same === existing.at(-1) ? same : client.update(ControllerRevisionResource, { ...same, revision: next });
    return { update, all: [...existing.filter((revision) => revision !== same), update], collisionCount };
  }
  for (let count = collisionCount; ; count++) {
    const update = createRevision(client, owner, next, count);
    if (update !== undefined) return { update, all: [...existing, update], collisionCount: count };
  }
}

/** Whether the revision holds this template. */
export function isRevisionOf({ data }: ControllerRevision, template: PodTemplateSpec): boolean {
  return deepEqual(data, dataOf(template));
}

/** The template that the revision holds. */
export function templateOf({ data }: ControllerRevision): PodTemplateSpec {
  const { $patch: _patch, ...template } = (data as RevisionData).spec.template;
  return template;
}

function dataOf(template: PodTemplateSpec): RevisionData {
  return { spec: { template: { ...template, $patch: 'replace' } } };
}

/** Undefined when the name is taken by other data. */
function createRevision<T extends Versioned>(
  client: Client,
  owner: T,
  revision: number,
  collisionCount: number,
): ControllerRevision | undefined {
  const hash = podTemplateHash(owner.spec.template, collisionCount);
  const { metadata, spec } = owner;
  const name = `${metadata.name.slice(0, 223)}-${hash}`;
  try {
    return client.create(ControllerRevisionResource, {
      metadata: {
        name,
        namespace: metadata.namespace,
        labels: { ...spec.template.metadata?.labels, [HISTORY_HASH]: hash, [REVISION_HASH]: hash },
        ownerReferences: [newControllerRef(owner)],
      },
      data: dataOf(spec.template),
      revision,
    });
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists')) throw error;
  }
  const found = client.get(ControllerRevisionResource, { namespace: metadata.namespace, name });
  return controllerOf(found)?.uid === metadata.uid && isRevisionOf(found, spec.template) ? found : undefined;
}

/** The hash by which pods name the revision. */
export const hashOf = ({ metadata }: ControllerRevision): string =>
  metadata.labels?.[HISTORY_HASH] ?? metadata.labels?.[REVISION_HASH] ?? '';

/** Deletes the oldest revisions above `limit` that no pod uses and that are not the newest (`truncateHistory`). */
export function truncateHistory(
  client: Client,
  all: readonly ControllerRevision[],
  isLive: (revision: ControllerRevision) => boolean,
  limit: number,
): void {
  const history = all.filter((revision) => revision !== all.at(-1) && !isLive(revision));
  for (const { metadata } of history.slice(0, Math.max(0, history.length - limit))) {
    try {
      client.delete(ControllerRevisionResource, metadata);
    } catch (error) {
      if (!hasReason(error, 'NotFound')) throw error;
    }
  }
}
