/** The kind PodTemplate. */
import { defaultPodTemplate } from './pod-spec-defaults.ts';
import { mapField } from '../defaulting.ts';
import { formatLabels, nameColumn, workloadColumns } from '../columns.ts';
import { podSpecNotSimulated } from './pod-fidelity.ts';
import { checks } from '../checks.ts';
import { defineResource } from '../resource.ts';
import type { PodTemplate } from '../generated/types.ts';

/** v1 PodTemplate. */
export const PodTemplateResource = defineResource<PodTemplate>({
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  plural: 'podtemplates',
  namespaced: true,
  schema: 'core.v1.PodTemplate',
  defaults: (podTemplate) => mapField(podTemplate, 'template', defaultPodTemplate),
  validate: ({ template }) => checks.get().validatePodTemplate(template, 'template'),
  notSimulated: podSpecNotSimulated('template.spec'),
  generation: true,
  columns: [
    nameColumn,
    ...workloadColumns<PodTemplate>(({ template }) => template?.spec).map((column) => ({ ...column, priority: 0 })),
    { name: 'Pod Labels', value: ({ template }) => formatLabels(template?.metadata?.labels) },
  ],
});
