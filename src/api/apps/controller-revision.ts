/** The kind ControllerRevision. */
import { defineResource } from '../resource.ts';
import type { ControllerRevision } from '../generated/types.ts';

/** apps/v1 ControllerRevision. */
export const ControllerRevisionResource = defineResource<ControllerRevision>({
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  namespaced: true,
  schema: 'apps.v1.ControllerRevision',
  columns: [],
});
