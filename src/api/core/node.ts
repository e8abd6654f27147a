/** The kind Node. */
import { ageColumn, nameColumn } from '../columns.ts';
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
