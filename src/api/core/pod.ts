/** The kind Pod. */
import { defaultPodSpec } from './pod-spec-defaults.ts';
import { mapField, withSpec } from '../defaulting.ts';
import { podColumns } from './pod-columns.ts';
import { defineResource } from '../resource.ts';
import type { Pod } from '../generated/types.ts';

/** v1 Pod. */
export const PodResource = defineResource<Pod>({
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  shortNames: ['po'],
  categories: ['all'],
  namespaced: true,
  schema: 'core.v1.Pod',
  subresources: { status: true },
  defaults: (pod) => mapField(withSpec(pod), 'spec', defaultPodSpec),
  columns: podColumns,
});
