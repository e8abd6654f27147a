/** The apiserver's authorization modes, put together (`k8s.io/kubernetes/pkg/kubeapiserver/authorizer/config.go`). */
import type { ScenarioApiServer } from '../api/kubarium/scenario.ts';
import { unionAuthorizer } from '../apiserver/authorization/attributes.ts';
import type { Authorizer } from '../apiserver/authorization/attributes.ts';
import { NodeGraph } from '../apiserver/authorization/node-graph.ts';
import { nodeRules } from '../apiserver/authorization/node-policy.ts';
import { NodeAuthorizer } from '../apiserver/authorization/node.ts';
import { RbacAuthorizer } from '../apiserver/authorization/rbac.ts';
import { alwaysAllow, alwaysDeny, privilegedGroup } from '../apiserver/authorization/simple.ts';
import type { WebhookCaller } from '../apiserver/policy/webhook-caller.ts';
import type { ApiServer } from '../apiserver/server.ts';
import { furtherAccess } from './late-parts.ts';

/** kubeadm's. */
const DEFAULT_MODES = ['Node', 'RBAC'];

/** What decides about requests. */
export interface Authorizers {
  /** Asks one mode after the other. */
  readonly chain: Authorizer;
  /** RBAC alone: it also knows all rights of a user. */
  readonly rbac: () => RbacAuthorizer;
  readonly hasNode: boolean;
}

/** The modes of the settings; they look at the server when they are first asked. */
export function newAuthorizers(
  server: () => ApiServer,
  { authorizationModes = DEFAULT_MODES, abacPolicy = [], authorizationWebhook }: ScenarioApiServer,
  caller: WebhookCaller | undefined,
  now: () => number,
): Authorizers {
  let known: RbacAuthorizer | undefined;
  const rbac = () => (known ??= new RbacAuthorizer(server().reader));
  const makers: Record<string, () => Authorizer> = {
    AlwaysAllow: () => alwaysAllow,
    AlwaysDeny: () => alwaysDeny,
    ABAC: () => furtherAccess.get().abacAuthorizer(abacPolicy),
    RBAC: () => ({ authorize: (attributes) => rbac().authorize(attributes) }),
    Node: () => new NodeAuthorizer(new NodeGraph(server), () => nodeRules()['system:node'] ?? []),
    Webhook: () => furtherAccess.get().webhookAuthorizer(caller, authorizationWebhook ? { service: authorizationWebhook } : {}, now),
  };
  const modes = authorizationModes.flatMap((mode) => makers[mode]?.() ?? []);
  return { chain: unionAuthorizer([privilegedGroup, ...modes]), rbac, hasNode: authorizationModes.includes('Node') };
}
