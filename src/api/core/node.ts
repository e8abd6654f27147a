/** The kind Node. */
import { ageColumn, nameColumn } from '../columns.ts';
import { broken, oneOf, TAINT_EFFECTS } from '../validation/common.ts';
import { duplicate, forbiddenField, required } from '../../apimachinery/status.ts';
import { isLabelValue, isQualifiedName } from '../../apimachinery/names.ts';
import { withSpec } from '../defaulting.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import { defineResource } from '../resource.ts';
import type { Node } from '../generated/types.ts';

const ROLE_PREFIX = 'node-role.kubernetes.io/';

/** Roles by label, sorted: "control-plane" (`findNodeRoles`). */
export function nodeRoles({ metadata }: Node): string[] {
  const roles = new Set<string>();
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    if (key.startsWith(ROLE_PREFIX) && key.length > ROLE_PREFIX.length) roles.add(key.slice(ROLE_PREFIX.length));
    else if (key === 'kubernetes.io/role' && value !== '') roles.add(value);
  }
  return [...roles].sort();
}

function statusText({ spec, status }: Node): string {
  // The last one wins where a type is listed twice.
  const ready = status?.conditions?.findLast(({ type }) => type === 'Ready');
  const word = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return spec?.unschedulable ? `${word},SchedulingDisabled` : word;
}

const addressOf = ({ status }: Node, wanted: string): string => status?.addresses?.find(({ type }) => type === wanted)?.address ?? '<none>';

/** Taints: well formed, and each key and effect once (`validateNodeTaints`). */
function validateNode({ spec }: Node): FieldError[] {
  const seen = new Set<string>();
  return (spec?.taints ?? []).flatMap(({ key, value = '', effect }, index) => {
    const path = `spec.taints[${index}]`;
    const errors = key ? broken(`${path}.key`, key, isQualifiedName(key)) : [required(`${path}.key`)];
    errors.push(...broken(`${path}.value`, value, isLabelValue(value)), ...oneOf(`${path}.effect`, effect, TAINT_EFFECTS, true));
    if (seen.has(`${key}:${effect}`))
      errors.push({
        ...duplicate(path, { key, value, effect }),
        detail: `Duplicate value: core.Taint{Key:"${key}", Value:"${value}", Effect:"${effect}", TimeAdded:<nil>}: taints must be unique by key and effect pair`,
      });
    seen.add(`${key}:${effect}`);
    return errors;
  });
}

/** What a node got once, it keeps (`ValidateNodeUpdate`). */
function validateNodeUpdate(next: Node, old: Node): FieldError[] {
  const errors: FieldError[] = [];
  if (old.spec?.podCIDR && !deepEqual([next.spec?.podCIDR, next.spec?.podCIDRs], [old.spec.podCIDR, old.spec.podCIDRs])) {
    errors.push(forbiddenField('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
  }
  if (old.spec?.providerID && next.spec?.providerID !== old.spec.providerID) {
    errors.push(forbiddenField('spec.providerID', 'node updates may not change providerID except from "" to valid'));
  }
  return errors;
}

/** v1 Node. */
export const NodeResource = defineResource<Node>({
  group: '',
  version: 'v1',
  kind: 'Node',
  plural: 'nodes',
  shortNames: ['no'],
  namespaced: false,
  schema: 'core.v1.Node',
  subresources: { status: true },
  statusAtCreation: true,
  defaults: withSpec,
  validate: validateNode,
  validateUpdate: validateNodeUpdate,
  selectableFields: ({ spec }) => ({ 'spec.unschedulable': String(spec?.unschedulable ?? false) }),
  notSimulated: ['spec.configSource', 'spec.externalID', 'spec.providerID'],
  columns: [
    nameColumn,
    { name: 'Status', value: statusText },
    { name: 'Roles', value: (node) => nodeRoles(node).join(',') || '<none>' },
    ageColumn,
    { name: 'Version', value: ({ status }) => status?.nodeInfo?.kubeletVersion ?? '' },
    { name: 'Internal-IP', priority: 1, value: (node) => addressOf(node, 'InternalIP') },
    { name: 'External-IP', priority: 1, value: (node) => addressOf(node, 'ExternalIP') },
    { name: 'OS-Image', priority: 1, value: ({ status }) => status?.nodeInfo?.osImage || '<unknown>' },
    { name: 'Kernel-Version', priority: 1, value: ({ status }) => status?.nodeInfo?.kernelVersion || '<unknown>' },
    { name: 'Container-Runtime', priority: 1, value: ({ status }) => status?.nodeInfo?.containerRuntimeVersion || '<unknown>' },
  ],
});
