/** The cluster's apiserver: which kinds, admission plugins and subresources it has, in upstream's order. */
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { ALL_RESOURCES } from '../api/index.ts';
import { NamespaceResource } from '../api/core/namespace.ts';
import type { AdmissionPlugin } from '../apiserver/admission/admission.ts';
import type { StaticUsers } from '../apiserver/authentication/static-users.ts';
import { ServiceAccountTokens } from '../apiserver/authentication/tokens.ts';
import { rbacEscalation } from '../apiserver/authorization/escalation.ts';
import { checkImpersonation, reviewResources } from '../apiserver/authorization/reviews.ts';
import { CustomResources } from '../apiserver/custom-resources/custom-resources.ts';
import { followPolicies } from '../apiserver/policy/policy-status.ts';
import type { PolicyDependencies } from '../apiserver/policy/engine.ts';
import type { WebhookCaller } from '../apiserver/policy/webhook-caller.ts';
import { ApiServer } from '../apiserver/server.ts';
import type { VirtualResource } from '../apiserver/server.ts';
import { finalizeSubresource } from '../apiserver/subresources/namespaces.ts';
import { lateSubresource } from '../apiserver/subresources/late-subresources.ts';
import { tokenSubresource } from '../apiserver/subresources/token.ts';
import { autoscalingV1 } from '../apiserver/versions/autoscaling-v1.ts';
import { eventsV1 } from '../apiserver/versions/events-v1.ts';
import type { Subresource } from '../apiserver/subresources/subresource.ts';
import type { ScenarioApiServer } from '../api/kubarium/scenario.ts';
import type { Etcd } from '../etcd/etcd.ts';
import type { Simulation } from '../sim/simulation.ts';
import { admissionPlugins } from './admission-plugins.ts';
import { newAuthorizers } from './authorizers.ts';
import { furtherAccess, seeding } from './late-parts.ts';

/** What differs between clusters. */
export interface ApiServerParts {
  sim: Simulation;
  etcd: Etcd<KubernetesObject>;
  virtualResources?: readonly VirtualResource[];
  /** Subresources that need the nodes: log, exec. */
  nodeSubresources?: readonly Subresource[];
  /** Further admission plugins, run before the quota is charged. */
  admission?: readonly AdmissionPlugin[];
  /** Issues and checks the tokens of service accounts. */
  tokens?: ServiceAccountTokens;
  /** Whether components need roles as users do; a whole cluster has the roles. Default false. */
  authorizeComponents?: boolean;
  /** How webhooks are reached; without it they cannot be. */
  webhookCaller?: WebhookCaller;
  /** Authentication and authorization; default as kubeadm's. */
  settings?: ScenarioApiServer;
}

/** Tokens under a key that follows from the cluster's seed. */
export function newTokens(sim: Simulation): ServiceAccountTokens {
  return new ServiceAccountTokens(String(sim.seed));
}

/** Subresources that need nothing but the store. */
const SUBRESOURCES: readonly Subresource[] = [
  lateSubresource('pods', 'binding'),
  lateSubresource('pods', 'eviction'),
  lateSubresource('pods', 'ephemeralcontainers'),
  lateSubresource('pods', 'resize'),
  lateSubresource('certificatesigningrequests', 'approval'),
  finalizeSubresource,
  lateSubresource('*', 'scale'),
];

/** Creates and mends the roles and bindings that the apiserver answers for. */
export function reconcileRoles(server: ApiServer): void {
  seeding.get().reconcilePolicy(server, new Set(server.reader.list(NamespaceResource).map(({ metadata }) => metadata.name)));
}

const NOBODY: StaticUsers = { byToken: () => undefined, byPassword: () => undefined };

function usersOf({ tokenAuth, basicAuth }: ScenarioApiServer): StaticUsers {
  return tokenAuth === undefined && basicAuth === undefined ? NOBODY : furtherAccess.get().staticUsers(tokenAuth, basicAuth);
}

/** Puts an apiserver together. */
export function newApiServer({
  sim,
  etcd,
  virtualResources = [],
  nodeSubresources = [],
  admission = [],
  tokens = newTokens(sim),
  authorizeComponents = false,
  webhookCaller,
  settings = {},
}: ApiServerParts): ApiServer {
  const users = usersOf(settings);
  const userOfToken = (token: string) => users.byToken(token) ?? tokens.userOf(token, server.reader, sim.now);
  const { chain, rbac, hasNode } = newAuthorizers(
    () => server,
    settings,
    webhookCaller,
    () => sim.now,
  );
  const reviews = reviewResources(() => chain, rbac, userOfToken);
  const further = virtualResources.map(({ definition }) => definition).filter((definition) => !ALL_RESOURCES.includes(definition));
  const conversions = [autoscalingV1, eventsV1];
  const uids = sim.random.fork('admission-reviews');
  const policyDependencies: PolicyDependencies = {
    authorizer: chain,
    caller: webhookCaller,
    resources: () => server.resources(),
    nextUid: () => uids.uuid(),
  };
  const server: ApiServer = new ApiServer({
    sim,
    etcd,
    resources: [
      ...ALL_RESOURCES,
      ...further,
      ...conversions.map(({ definition }) => definition),
      ...reviews.map(({ definition }) => definition),
    ],
    conversions,
    authenticate: userOfToken,
    authenticatePassword: users.byPassword,
    authorizer: chain,
    authorizeComponents,
    postStart: () => {
      if (authorizeComponents) reconcileRoles(server);
    },
    authorizeImpersonation: (caller, user) => checkImpersonation(chain, caller, user),
    admission: admissionPlugins(() => server, policyDependencies, [rbacEscalation(chain, rbac, authorizeComponents)], admission, hasNode),
    subresources: [...SUBRESOURCES, tokenSubresource(tokens), ...nodeSubresources],
    virtualResources: [...virtualResources, ...reviews],
  });
  new CustomResources(sim, server, webhookCaller);
  followPolicies(sim, server);
  return server;
}
