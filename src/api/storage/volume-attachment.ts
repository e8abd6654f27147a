/** The kind VolumeAttachment. No CSI driver runs here, so nobody makes or acts on one: it is stored only. */
import { ageColumn, nameColumn } from '../columns.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import { invalidValue, required } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import { defineResource } from '../resource.ts';
import type { VolumeAttachment } from '../generated/types.ts';

/** `ValidateVolumeAttachment`. */
function validateAttachment({ spec }: VolumeAttachment): FieldError[] {
  const errors = spec?.attacher ? [] : [required('spec.attacher')];
  if (!spec?.nodeName) errors.push(required('spec.nodeName'));
  const { persistentVolumeName, inlineVolumeSpec } = spec?.source ?? {};
  if (!persistentVolumeName && !inlineVolumeSpec) {
    errors.push(required('spec.source', 'must specify exactly one of inlineVolumeSpec and persistentVolumeName'));
  }
  return errors;
}

/** storage.k8s.io/v1 VolumeAttachment. */
export const VolumeAttachmentResource = defineResource<VolumeAttachment>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'VolumeAttachment',
  plural: 'volumeattachments',
  namespaced: false,
  schema: 'storage.v1.VolumeAttachment',
  subresources: { status: true },
  generation: false,
  validate: validateAttachment,
  validateUpdate: (next, old) => (deepEqual(next.spec, old.spec) ? [] : [invalidValue('spec', next.spec, 'field is immutable')]),
  notSimulated: ['spec'],
  columns: [
    nameColumn,
    { name: 'Attacher', value: ({ spec }) => spec?.attacher ?? '' },
    { name: 'PV', value: ({ spec }) => spec?.source?.persistentVolumeName ?? '' },
    { name: 'Node', value: ({ spec }) => spec?.nodeName ?? '' },
    { name: 'Attached', type: 'boolean', value: ({ status }) => status?.attached ?? false },
    ageColumn,
  ],
});
