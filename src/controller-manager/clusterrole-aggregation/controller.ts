/** Fills cluster roles that are made up of others, chosen by labels (`pkg/controller/clusterroleaggregation`). */
import { ClusterRoleResource } from '../../api/rbac/cluster-role.ts';
import type { ClusterRole, PolicyRule } from '../../api/generated/types.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import { labelSelectorAsSelector } from '../../apimachinery/labels.ts';
import { startController } from '../../client/controller.ts';
import type { ControllerDeps } from '../deps.ts';

/** Starts the controller. */
export function startClusterRoleAggregationController(deps: ControllerDeps): void {
  const roles = deps.informers.informer(ClusterRoleResource);
  const controller = startController(deps.scope, 'clusterroles', reconcile, [roles]);
  // Any role may be a part of any other one: all that are made up look again.
  const enqueueAll = () => {
    for (const { metadata, aggregationRule } of roles.list()) if (aggregationRule !== undefined) controller.enqueue(metadata.name);
  };
  roles.addHandler({ add: enqueueAll, update: enqueueAll, delete: enqueueAll }, deps.scope);

  function reconcile(key: string): undefined {
    const role = roles.get(key);
    if (role?.aggregationRule === undefined) return undefined;
    const rules = aggregatedRules(role, [...roles.list()]);
    if (!deepEqual(rules, role.rules ?? [])) deps.client.update(ClusterRoleResource, { ...role, rules });
    return undefined;
  }
}

/** The rules of all roles that the selectors choose, in the order of names, each once. */
function aggregatedRules({ metadata, aggregationRule }: ClusterRole, all: readonly ClusterRole[]): PolicyRule[] {
  const rules: PolicyRule[] = [];
  for (const selector of (aggregationRule?.clusterRoleSelectors ?? []).map(labelSelectorAsSelector)) {
    const chosen = all.filter((role) => role.metadata.name !== metadata.name && selector.matches(role.metadata.labels));
    chosen.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    for (const rule of chosen.flatMap((role) => role.rules ?? [])) if (!rules.some((known) => deepEqual(known, rule))) rules.push(rule);
  }
  return rules;
}
