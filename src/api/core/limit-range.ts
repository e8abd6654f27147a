/** The kind LimitRange. */
import { mapField, mapItems, withSpec } from '../defaulting.ts';
import { createdAtColumn, nameColumn } from '../columns.ts';
import { checks } from '../checks.ts';
import { defineResource } from '../resource.ts';
import type { LimitRange, LimitRangeItem } from '../generated/types.ts';

/** A container's default limit is its maximum, its default request the default limit, else the minimum (`SetDefaults_LimitRangeItem`). */
function defaultItem(item: LimitRangeItem): LimitRangeItem {
  if (item.type !== 'Container') return item;
  const limits = { ...item.max, ...item.default };
  const requests = { ...item.min, ...limits, ...item.defaultRequest };
  const complete = (made: object, given: object | undefined) => Object.keys(made).length === Object.keys(given ?? {}).length;
  if (complete(limits, item.default) && complete(requests, item.defaultRequest)) return item;
  return {
    ...item,
    ...(complete(limits, item.default) ? undefined : { default: limits }),
    ...(complete(requests, item.defaultRequest) ? undefined : { defaultRequest: requests }),
  };
}

/** v1 LimitRange. */
export const LimitRangeResource = defineResource<LimitRange>({
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  shortNames: ['limits'],
  namespaced: true,
  schema: 'core.v1.LimitRange',
  defaults: (limitRange) =>
    mapField(withSpec(limitRange), 'spec', (spec) => mapField(spec, 'limits', (limits) => mapItems(limits, defaultItem))),
  validate: (...given) => checks.get().validateLimitRange(...given),
  columns: [nameColumn, createdAtColumn],
});
