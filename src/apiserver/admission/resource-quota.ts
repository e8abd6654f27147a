/**
 * ResourceQuota: refuses what would exceed a quota, and books what it lets in, so that two requests in a row cannot
 * both take the last place (`k8s.io/apiserver/pkg/admission/plugin/resourcequota/controller.go`).
 */
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { canonicalQuantity, milliValue } from '../../apimachinery/quantity.ts';
import { forbidden } from '../../apimachinery/status.ts';
import { addUsage, quotaMatches, quotaUsageOf } from '../../api/core/quota-usage.ts';
import type { QuotaUsage } from '../../api/core/quota-usage.ts';
import { ResourceQuotaResource } from '../../api/core/resource-quota.ts';
import type { ResourceQuota } from '../../api/generated/types.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';

/** How a quota's new usage is written. */
export type BookUsage = (quota: ResourceQuota, used: QuotaUsage) => void;

/** The plugin; `book` writes the status of a quota. */
export function resourceQuota(book: BookUsage): AdmissionPlugin {
  return {
    name: 'ResourceQuota',
    seesSubresources: true,
    validate(request) {
      const { operation, resource, subresource, namespace, object, old, reader, options } = request;
      if (operation === 'DELETE' || (subresource !== '' && subresource !== 'resize') || namespace === undefined || object === undefined)
        return;
      if (resource.kind === 'ResourceQuota' || resource.kind === 'Event') return;
      const quotas = reader.list(ResourceQuotaResource, namespace);
      for (const quota of quotas) {
        const delta = deltaFor(quota, request, object, old);
        if (delta === undefined) continue;
        const used = check(quota, request, delta);
        if (!options.dryRun) book(quota, used);
      }
    },
  };
}

/** What the request adds to what the quota counts; undefined when it adds nothing. */
function deltaFor(
  quota: ResourceQuota,
  { resource }: AdmissionRequest,
  object: KubernetesObject,
  old: KubernetesObject | undefined,
): QuotaUsage | undefined {
  if (!quotaMatches(quota, resource, object)) return undefined;
  const hard = quota.spec.hard ?? {};
  const usage = quotaUsageOf(resource, object);
  const before = old === undefined ? {} : quotaUsageOf(resource, old);
  const limited = (amounts: QuotaUsage) => Object.fromEntries(Object.entries(amounts).filter(([name]) => name in hard));
  const delta = addUsage(limited(usage), limited(before), -1);
  const grows = Object.values(delta).some((amount) => milliValue(amount) > 0);
  const mustName = old === undefined && resource.kind === 'Pod' && Object.keys(hard).some(isCompute);
  return grows || mustName ? delta : undefined;
}

const isCompute = (name: string) => /^(requests\.|limits\.)?(cpu|memory|ephemeral-storage)$/.test(name);

function check(quota: ResourceQuota, { resource, name }: AdmissionRequest, delta: QuotaUsage): QuotaUsage {
  const groupResource = { group: resource.group, resource: resource.plural };
  const hard = quota.spec.hard ?? {};
  const missing =
    resource.kind === 'Pod'
      ? Object.keys(hard)
          .filter((key) => isCompute(key) && !(key in delta))
          .sort()
      : [];
  if (missing.length > 0) throw forbidden(groupResource, name, `failed quota: ${quota.metadata.name}: must specify ${missing.join(',')}`);
  const before = quota.status?.used ?? {};
  const over = overLimit(delta, before, hard);
  if (over.length > 0) throw forbidden(groupResource, name, exceeded(quota.metadata.name, over, delta, before, hard));
  return addUsage(before, delta);
}

/** The names, sorted, of which `requested` on top of `used` is more than the quota allows; what is not asked for cannot be too much. */
export function overLimit(requested: QuotaUsage, used: QuotaUsage, hard: QuotaUsage): string[] {
  const isOver = (name: string) => {
    const [more = '0', before = '0', limit] = [requested[name], used[name], hard[name]];
    return limit !== undefined && milliValue(more) > 0 && milliValue(before) + milliValue(more) > milliValue(limit);
  };
  return Object.keys(requested).filter(isOver).sort();
}

/** "exceeded quota: compute, requested: pods=1, used: pods=2, limited: pods=2" */
export function exceeded(quota: string, names: readonly string[], requested: QuotaUsage, used: QuotaUsage, hard: QuotaUsage): string {
  const list = (amounts: QuotaUsage) => names.map((name) => `${name}=${canonicalQuantity(amounts[name] ?? '0')}`).join(',');
  return `exceeded quota: ${quota}, requested: ${list(requested)}, used: ${list(used)}, limited: ${list(hard)}`;
}
