/**
 * Discovery: which groups, versions and resources there are, in the classic form and aggregated
 * (`k8s.io/apiserver/pkg/endpoints/discovery`).
 */
import { apiVersionOf } from '../../api/resource.ts';
import type { ResourceDefinition } from '../../api/resource.ts';

const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

interface SubresourceEntry {
  resource: string;
  name: string;
  kind: string;
  group?: string;
  version?: string;
  verbs: string[];
}

const POD = { resource: 'pods', kind: 'Pod' };
const CHANGE = ['get', 'patch', 'update'];

const SUBRESOURCES: readonly SubresourceEntry[] = [
  { resource: 'namespaces', name: 'finalize', kind: 'Namespace', verbs: ['update'] },
  { resource: 'nodes', name: 'proxy', kind: 'NodeProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] },
  { resource: 'pods', name: 'attach', kind: 'PodAttachOptions', verbs: ['create', 'get'] },
  { resource: 'pods', name: 'binding', kind: 'Binding', verbs: ['create'] },
  { ...POD, name: 'ephemeralcontainers', verbs: CHANGE },
  { resource: 'pods', name: 'eviction', kind: 'Eviction', group: 'policy', version: 'v1', verbs: ['create'] },
  { resource: 'pods', name: 'exec', kind: 'PodExecOptions', verbs: ['create', 'get'] },
  { ...POD, name: 'log', verbs: ['get'] },
  { resource: 'pods', name: 'portforward', kind: 'PodPortForwardOptions', verbs: ['create', 'get'] },
  { resource: 'pods', name: 'proxy', kind: 'PodProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] },
  { ...POD, name: 'resize', verbs: CHANGE },
  { resource: 'serviceaccounts', name: 'token', kind: 'TokenRequest', group: 'authentication.k8s.io', version: 'v1', verbs: ['create'] },
  { resource: 'services', name: 'proxy', kind: 'ServiceProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] },
  { resource: 'certificatesigningrequests', name: 'approval', kind: 'CertificateSigningRequest', verbs: CHANGE },
];

interface Entry {
  name: string;
  singularName: string;
  namespaced: boolean;
  group?: string;
  version?: string;
  kind: string;
  verbs: readonly string[];
  shortNames?: readonly string[];
  categories?: readonly string[];
}

function entriesOf(definition: ResourceDefinition): Entry[] {
  const { plural, singular, namespaced, kind, shortNames, categories, subresources, verbs = ALL_VERBS } = definition;
  const names = { ...(shortNames.length > 0 && { shortNames }), ...(categories.length > 0 && { categories }) };
  const entries: Entry[] = [{ name: plural, singularName: singular, namespaced, kind, verbs, ...names }];
  for (const { resource, name, kind: subKind, group, version, verbs: subVerbs } of SUBRESOURCES) {
    if (resource === plural && (definition.group === '' || definition.group === 'certificates.k8s.io'))
      entries.push({
        name: `${plural}/${name}`,
        singularName: '',
        namespaced,
        ...(group && { group, version }),
        kind: subKind,
        verbs: subVerbs,
      });
  }
  if (subresources.scale)
    entries.push({
      name: `${plural}/scale`,
      singularName: '',
      namespaced,
      group: 'autoscaling',
      version: 'v1',
      kind: 'Scale',
      verbs: ['get', 'patch', 'update'],
    });
  if (subresources.status)
    entries.push({ name: `${plural}/status`, singularName: '', namespaced, kind, verbs: ['get', 'patch', 'update'] });
  return entries;
}

/** GET /api/v1 or /apis/apps/v1: the resources of one version. */
export function resourceList(resources: readonly ResourceDefinition[], group: string, version: string): object | undefined {
  const served = resources.filter((resource) => resource.group === group && resource.version === version);
  if (served.length === 0) return undefined;
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf({ group, version }),
    resources: served.flatMap(entriesOf),
  };
}

/** Groups with their versions, in the order in which the kinds are listed. */
function groupsOf(resources: readonly ResourceDefinition[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const { group, version } of resources) {
    const versions = groups.get(group) ?? [];
    if (!versions.includes(version)) versions.push(version);
    groups.set(group, versions);
  }
  return groups;
}

/** GET /apis, and one entry of it. */
export function groupList(resources: readonly ResourceDefinition[]): { kind: string; apiVersion: string; groups: object[] } {
  const groups = [...groupsOf(resources)].filter(([group]) => group !== '').map(([group, versions]) => groupOf(group, versions));
  return { kind: 'APIGroupList', apiVersion: 'v1', groups };
}

function groupOf(name: string, served: readonly string[]): object {
  const versions = byPriority(served);
  const list = versions.map((version) => ({ groupVersion: apiVersionOf({ group: name, version }), version }));
  return { name, versions: list, preferredVersion: list[0] };
}

/** Stable versions first, later before earlier, then betas, then alphas (`k8s.io/apimachinery/pkg/version`). */
function byPriority(versions: readonly string[]): string[] {
  const rank = (version: string): [number, number, number] => {
    const [, major = '0', level = '', minor = '0'] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version) ?? [];
    return [level === '' ? 2 : level === 'beta' ? 1 : 0, Number(major), Number(minor)];
  };
  return [...versions].sort((a, b) => {
    const [left, right] = [rank(a), rank(b)];
    return right[0] - left[0] || right[1] - left[1] || right[2] - left[2];
  });
}

/** GET /apis/{group}. */
export function oneGroup(resources: readonly ResourceDefinition[], group: string): object | undefined {
  const versions = groupsOf(resources).get(group);
  return versions && { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(group, versions) };
}

/** GET /api. */
export const CORE_VERSIONS = {
  kind: 'APIVersions',
  versions: ['v1'],
  serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: '192.168.0.10:6443' }],
};

/** The aggregated form of /api (`core`) or /apis, v2: everything in one answer. */
export function aggregated(resources: readonly ResourceDefinition[], core: boolean): object {
  const items = [...groupsOf(resources)]
    .filter(([group]) => (group === '') === core)
    .map(([group, versions]) => ({
      metadata: group === '' ? { creationTimestamp: null } : { name: group, creationTimestamp: null },
      versions: byPriority(versions).map((version) => ({
        version,
        resources: aggregatedResources(resources, group, version),
        freshness: 'Current',
      })),
    }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
}

function aggregatedResources(resources: readonly ResourceDefinition[], group: string, version: string): object[] {
  return resources
    .filter((resource) => resource.group === group && resource.version === version)
    .map((definition) => {
      const [main, ...subs] = entriesOf(definition) as [Entry, ...Entry[]];
      const kindOf = (entry: Entry) => ({ group: entry.group ?? group, version: entry.version ?? version, kind: entry.kind });
      return {
        resource: main.name,
        responseKind: kindOf(main),
        scope: main.namespaced ? 'Namespaced' : 'Cluster',
        singularResource: main.singularName,
        verbs: main.verbs,
        ...(main.shortNames && { shortNames: main.shortNames }),
        ...(main.categories && { categories: main.categories }),
        ...(subs.length > 0 && {
          subresources: subs.map((entry) => ({
            subresource: entry.name.slice(main.name.length + 1),
            responseKind: kindOf(entry),
            verbs: entry.verbs,
          })),
        }),
      };
    });
}
