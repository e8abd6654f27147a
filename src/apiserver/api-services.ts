/**
 * Keeps an APIService for each group and version that is served here, those of CustomResourceDefinitions too
 * (`k8s.io/kube-aggregator/pkg/controllers/autoregister`, `pkg/controlplane/apiserver/aggregator.go`).
 */
import { formatTime } from '../apimachinery/durations.ts';
import { APIServiceResource } from '../api/apiregistration/api-service.ts';
import type { APIService } from '../api/generated/types.ts';
import type { ResourceDefinition } from '../api/resource.ts';
import type { Registry } from './registry/registry.ts';

const MANAGED = 'kube-aggregator.kubernetes.io/automanaged';

/** Priorities of the built-in groups: the order in which clients look for a kind. */
const GROUP_PRIORITIES: Readonly<Record<string, number>> = {
  '': 18_000,
  'events.k8s.io': 17_750,
  apps: 17_800,
  'authentication.k8s.io': 17_700,
  'authorization.k8s.io': 17_600,
  autoscaling: 17_500,
  batch: 17_400,
  'certificates.k8s.io': 17_300,
  'networking.k8s.io': 17_200,
  policy: 17_100,
  'rbac.authorization.k8s.io': 17_000,
  'storage.k8s.io': 16_800,
  'apiextensions.k8s.io': 16_700,
  'admissionregistration.k8s.io': 16_700,
  'scheduling.k8s.io': 16_600,
  'coordination.k8s.io': 16_500,
  'node.k8s.io': 16_300,
  'discovery.k8s.io': 16_200,
};
/** Of groups that CustomResourceDefinitions make. */
const CUSTOM = { group: 1000, version: 100 };

/** Served by itself, not as an APIService of its own. */
const WITHOUT = new Set(['apiregistration.k8s.io']);

/** What a server must offer. */
export interface ServedGroups {
  registry(group: string, plural: string): Registry;
  resources(): readonly ResourceDefinition[];
}

/** Creates what is missing, and removes what was made for a custom group that is gone. */
export function reconcileApiServices(server: ServedGroups, now: number): void {
  const { group, plural } = APIServiceResource;
  const registry = server.registry(group, plural) as unknown as Registry<APIService>;
  const wanted = new Map<string, [group: string, version: string]>();
  for (const served of server.resources())
    if (!WITHOUT.has(served.group)) wanted.set(`${served.version}.${served.group}`, [served.group, served.version]);
  for (const [name, [servedGroup, version]] of wanted)
    if (registry.find(undefined, name) === undefined) registry.seed(localService(name, servedGroup, version, now));
  for (const service of registry.all())
    if (service.metadata.labels?.[MANAGED] === 'true' && !wanted.has(service.metadata.name)) registry.remove(service);
}

function localService(name: string, group: string, version: string, now: number) {
  const builtIn = GROUP_PRIORITIES[group];
  const versionPriority = group === '' ? 1 : version === 'v2' ? 30 : 15;
  return {
    metadata: { name, labels: { [MANAGED]: builtIn === undefined ? 'true' : 'onstart' } },
    spec: {
      ...(group && { group }),
      groupPriorityMinimum: builtIn ?? CUSTOM.group,
      version,
      versionPriority: builtIn === undefined ? CUSTOM.version : versionPriority,
    },
    status: {
      conditions: [
        {
          type: 'Available',
          status: 'True',
          lastTransitionTime: formatTime(now),
          reason: 'Local',
          message: 'Local APIServices are always available',
        },
      ],
    },
  };
}
