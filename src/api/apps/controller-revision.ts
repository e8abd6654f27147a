/** The kind ControllerRevision. */
import { ageColumn, nameColumn } from '../columns.ts';
import { controllerOf } from '../../apimachinery/meta.ts';
import { immutable, notNegative } from '../validation/common.ts';
import { defineResource } from '../resource.ts';
import type { ControllerRevision } from '../generated/types.ts';

function controllerText(revision: ControllerRevision): string {
  const owner = controllerOf(revision);
  if (!owner) return '<none>';
  const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : '';
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`;
}

/** apps/v1 ControllerRevision. */
export const ControllerRevisionResource = defineResource<ControllerRevision>({
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  namespaced: true,
  schema: 'apps.v1.ControllerRevision',
  validate: ({ revision }) => notNegative('revision', revision),
  validateUpdate: (next, old) => immutable('data', next.data, old.data),
  columns: [
    nameColumn,
    { name: 'Controller', value: controllerText },
    { name: 'Revision', value: ({ revision }) => revision ?? 0 },
    ageColumn,
  ],
});
