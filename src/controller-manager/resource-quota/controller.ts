/**
 * Recounts what namespaces use under their ResourceQuotas (`pkg/controller/resourcequota`). Admission counts up; what is
 * deleted or has ended is found here.
 */
import { PodResource } from '../../api/core/pod.ts';
import { ResourceQuotaResource } from '../../api/core/resource-quota.ts';
import { addUsage, quotaMatches, quotaUsageOf } from '../../api/core/quota-usage.ts';
import type { QuotaUsage } from '../../api/core/quota-usage.ts';
import type { ResourceQuota } from '../../api/generated/types.ts';
import type { ResourceDefinition } from '../../api/resource.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import { keyOf } from '../../apimachinery/meta.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { canonicalQuantity } from '../../apimachinery/quantity.ts';
import { startController } from '../../client/controller.ts';
import type { ControllerDeps } from '../deps.ts';
import { isPodTerminal } from '../pods.ts';

/** How often everything is counted again (`--resource-quota-sync-period`). */
const RESYNC_MS = 5 * 60_000;
/** Deletions that come together are counted once. */
const COALESCE_MS = 100;

/** Starts the controller. `resources`: the namespaced kinds that quotas may count. */
export function startResourceQuotaController(deps: ControllerDeps, resources: readonly ResourceDefinition[]): void {
  const quotas = deps.informers.informer(ResourceQuotaResource).addIndex('namespace', ({ metadata }) => [metadata.namespace ?? '']);
  const counted = resources
    .filter(({ namespaced }) => namespaced)
    .map((resource) => ({ resource, informer: deps.informers.informer(resource) }));
  for (const { informer } of counted) informer.addIndex('namespace', ({ metadata }) => [metadata.namespace ?? '']);
  const controller = startController(deps.scope, 'resourcequotas', reconcile, [quotas, ...counted.map(({ informer }) => informer)]);
  const enqueue = (quota: ResourceQuota) => controller.enqueue(keyOf(quota));
  quotas.addHandler(
    {
      add: enqueue,
      update: (quota, old) => {
        if (quota.spec !== old.spec) enqueue(quota);
      },
    },
    deps.scope,
  );
  const released = ({ metadata }: KubernetesObject) => {
    for (const quota of quotas.byIndex('namespace', metadata.namespace ?? '')) controller.enqueueAfter(keyOf(quota), COALESCE_MS);
  };
  for (const { informer } of counted) informer.addHandler({ delete: released }, deps.scope);
  deps.informers.informer(PodResource).addHandler(
    {
      update: (pod, old) => {
        if (isPodTerminal(pod) !== isPodTerminal(old)) released(pod);
      },
    },
    deps.scope,
  );
  deps.scope.every(RESYNC_MS, 'resync', 'resourcequotas', () => {
    for (const quota of quotas.list()) enqueue(quota);
  });

  function reconcile(key: string): void {
    const quota = quotas.get(key);
    if (quota === undefined) return;
    const hard = quota.spec.hard ?? {};
    const used = usageIn(quota, hard);
    const status = { hard, used };
    if (!deepEqual(quota.status, status)) deps.client.updateStatus(ResourceQuotaResource, { ...quota, status });
  }

  function usageIn(quota: ResourceQuota, hard: QuotaUsage): Record<string, string> {
    let total: QuotaUsage = {};
    for (const { resource, informer } of counted) {
      for (const object of informer.byIndex('namespace', quota.metadata.namespace ?? '')) {
        if (quotaMatches(quota, resource, object)) total = addUsage(total, quotaUsageOf(resource, object));
      }
    }
    return Object.fromEntries(Object.keys(hard).map((name) => [name, canonicalQuantity(total[name] ?? '0')]));
  }
}
