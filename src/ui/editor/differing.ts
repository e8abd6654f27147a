/** Whether the cluster still is as a file says: what an apply of the file would do now. */
import { resourceByKind } from '../../api/index.ts';
import type { ResourceDefinition } from '../../api/resource.ts';
import { applyRequest, targetNamespace } from '../../scenario/apply.ts';
import type { Manifest } from '../../scenario/manifests.ts';
import type { LiveStore } from '../cluster/live-store.ts';

/** `same`: an apply would change nothing. `missing`: an object is not there. */
export type Standing = 'same' | 'differs' | 'missing';

/** The kinds of a file's objects. */
export function kindsOf(manifests: readonly Manifest[]): ResourceDefinition[] {
  return [...new Set(manifests.flatMap(({ object }) => resourceByKind(object.apiVersion, object.kind) ?? []))];
}

/** How the file stands to the cluster; undefined as long as the lists have not arrived. */
export function standingOf(
  manifests: readonly Manifest[],
  store: Pick<LiveStore, 'get' | 'list'>,
  namespace: string,
): Standing | undefined {
  let standing: Standing = 'same';
  for (const { object } of manifests) {
    const definition = resourceByKind(object.apiVersion, object.kind);
    if (!definition || !object.metadata.name) continue;
    if (!store.list(definition).synced) return undefined;
    const live = store.get(definition, targetNamespace(definition, object, namespace), object.metadata.name);
    if (!live) return 'missing';
    if (applyRequest(definition, live, object, namespace) !== undefined) standing = 'differs';
  }
  return standing;
}
