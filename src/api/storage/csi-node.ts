/** The kind CSINode: the CSI drivers of one node, and how many volumes each can attach there. */
import { ageColumn, nameColumn } from '../columns.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import { duplicate, invalidValue, required } from '../../apimachinery/status.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import { notNegative } from '../validation/common.ts';
import { defineResource } from '../resource.ts';
import type { CSINode, CSINodeDriver } from '../generated/types.ts';

/** Annotation: the in-tree volume plugins whose volumes this node's CSI drivers handle, joined by ",". */
export const MIGRATED_PLUGINS = 'storage.alpha.kubernetes.io/migrated-plugins';

const driversOf = ({ spec }: CSINode): readonly CSINodeDriver[] => spec?.drivers ?? [];

/** `ValidateCSINode`. */
function validateCSINode(csiNode: CSINode): FieldError[] {
  const seen = new Set<string>();
  return driversOf(csiNode).flatMap(({ name, nodeID, topologyKeys = [], allocatable }, index) => {
    const path = `spec.drivers[${index}]`;
    const errors = name ? [] : [required(`${path}.name`)];
    if (!nodeID) errors.push(required(`${path}.nodeID`));
    errors.push(...notNegative(`${path}.allocatable.count`, allocatable?.count));
    if (topologyKeys.some((key) => key === '')) errors.push(required(path));
    if (seen.has(name)) errors.push(duplicate(`${path}.name`, name));
    seen.add(name);
    return errors;
  });
}

/** A driver may come and go; what it said of itself stays (`ValidateCSINodeUpdate`). */
function validateCSINodeUpdate(next: CSINode, old: CSINode): FieldError[] {
  const before = new Map(driversOf(old).map((driver) => [driver.name, driver]));
  return driversOf(next).flatMap((driver, index) => {
    const known = before.get(driver.name);
    if (known === undefined || deepEqual(known, driver)) return [];
    return [invalidValue(`spec.drivers[${index}]`, driver, 'field is immutable')];
  });
}

/** storage.k8s.io/v1 CSINode. */
export const CSINodeResource = defineResource<CSINode>({
  group: 'storage.k8s.io',
  version: 'v1',
  kind: 'CSINode',
  plural: 'csinodes',
  namespaced: false,
  schema: 'storage.v1.CSINode',
  validate: validateCSINode,
  validateUpdate: validateCSINodeUpdate,
  notSimulated: ['spec.drivers[*].nodeID', 'spec.drivers[*].topologyKeys'],
  columns: [nameColumn, { name: 'Drivers', type: 'integer', value: (csiNode) => driversOf(csiNode).length }, ageColumn],
});
