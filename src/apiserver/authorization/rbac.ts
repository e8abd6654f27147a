/**
 * RBAC (`k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac`): who is bound to which roles, and whether a rule of them covers a request.
 * Bindings are looked up by subject, so a request costs the bindings of its user and groups, not all there are; the index is made anew when
 * a role or binding was written.
 */
import { ClusterRoleBindingResource } from '../../api/rbac/cluster-role-binding.ts';
import { ClusterRoleResource } from '../../api/rbac/cluster-role.ts';
import { RoleBindingResource } from '../../api/rbac/role-binding.ts';
import { RoleResource } from '../../api/rbac/role.ts';
import type { PolicyRule, RoleRef, Subject } from '../../api/generated/types.ts';
import type { UserInfo } from '../../api/request.ts';
import type { ObjectReader } from '../admission/admission.ts';
import type { Attributes, Decision } from './attributes.ts';
import { ruleAllows } from './rules.ts';

/** Members may do everything: client certificates of this group are the way back in when RBAC is broken. */
const SUPERUSERS = 'system:masters';
const ACCOUNT_PREFIX = 'system:serviceaccount:';

/** A binding as one of its subjects has it. */
interface Grant {
  /** `ClusterRoleBinding "x" of ClusterRole "y" to User "z"` */
  description: string;
  rules: readonly PolicyRule[];
}

/** Grants by subject ("User jane", "Group devs"). */
type Grants = Map<string, Grant[]>;

interface Index {
  generation: string;
  cluster: Grants;
  byNamespace: Map<string, Grants>;
}

/** Decides by the roles and bindings that the reader gives. */
export class RbacAuthorizer {
  readonly #reader: ObjectReader;
  #index: Index | undefined;

  constructor(reader: ObjectReader) {
    this.#reader = reader;
  }

  authorize(attributes: Attributes): Decision {
    const { user, namespace } = attributes;
    if (user.groups.includes(SUPERUSERS)) return { allowed: true, reason: '' };
    for (const { description, rules } of this.#grantsOf(user, namespace)) {
      if (rules.some((rule) => ruleAllows(rule, attributes))) return { allowed: true, reason: `RBAC: allowed by ${description}` };
    }
    return { allowed: false, reason: '' };
  }

  /** All rules that hold for a user in a namespace; superusers have the rule that allows everything. */
  rulesFor(user: UserInfo, namespace: string): PolicyRule[] {
    const everything: PolicyRule[] = [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ];
    const own = user.groups.includes(SUPERUSERS) ? everything : [];
    return [...own, ...[...this.#grantsOf(user, namespace)].flatMap(({ rules }) => rules)];
  }

  *#grantsOf(user: UserInfo, namespace: string): Generator<Grant> {
    const { cluster, byNamespace } = this.#current();
    const subjects = [`User ${user.name}`, ...user.groups.map((group) => `Group ${group}`)];
    for (const subject of subjects) yield* cluster.get(subject) ?? [];
    const local = namespace === '' ? undefined : byNamespace.get(namespace);
    if (local !== undefined) for (const subject of subjects) yield* local.get(subject) ?? [];
  }

  #current(): Index {
    const generation = [ClusterRoleResource, ClusterRoleBindingResource, RoleResource, RoleBindingResource]
      .map((kind) => this.#reader.generation(kind))
      .join();
    if (this.#index?.generation !== generation) this.#index = this.#build(generation);
    return this.#index;
  }

  #build(generation: string): Index {
    const index: Index = { generation, cluster: new Map(), byNamespace: new Map() };
    for (const { metadata, roleRef, subjects } of this.#reader.list(ClusterRoleBindingResource)) {
      this.#add(index.cluster, `ClusterRoleBinding ${JSON.stringify(metadata.name)}`, roleRef, subjects, undefined);
    }
    for (const { metadata, roleRef, subjects } of this.#reader.list(RoleBindingResource)) {
      const { namespace = '', name } = metadata;
      let grants = index.byNamespace.get(namespace);
      if (grants === undefined) index.byNamespace.set(namespace, (grants = new Map<string, Grant[]>()));
      this.#add(grants, `RoleBinding ${JSON.stringify(`${name}/${namespace}`)}`, roleRef, subjects, namespace);
    }
    return index;
  }

  #add(grants: Grants, binding: string, roleRef: RoleRef, subjects: readonly Subject[] = [], namespace: string | undefined): void {
    const { kind, name } = roleRef;
    const role =
      kind === 'ClusterRole' ? this.#reader.get(ClusterRoleResource, undefined, name) : this.#reader.get(RoleResource, namespace, name);
    if (role?.rules === undefined) return;
    for (const subject of subjects) {
      const key = subjectKey(subject, namespace);
      const who =
        subject.kind === 'ServiceAccount'
          ? `ServiceAccount "${subject.name}/${subject.namespace ?? namespace ?? ''}"`
          : `${subject.kind} ${JSON.stringify(subject.name)}`;
      const grant = { description: `${binding} of ${kind} ${JSON.stringify(name)} to ${who}`, rules: role.rules };
      const known = grants.get(key);
      if (known === undefined) grants.set(key, [grant]);
      else known.push(grant);
    }
  }
}

function subjectKey({ kind, name, namespace }: Subject, own: string | undefined): string {
  return kind === 'ServiceAccount' ? `User ${ACCOUNT_PREFIX}${namespace ?? own ?? ''}:${name}` : `${kind} ${name}`;
}
