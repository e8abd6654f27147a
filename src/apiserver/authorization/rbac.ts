/**
 * RBAC (`k8s.io/kubernetes/plugin/pkg/auth/authorizer/rbac`): who is bound to which roles, and whether a rule of them covers a request.
 * Bindings are looked up by subject, so a request costs the bindings of its user and groups, not all there are, and answers are remembered;
 * both are made anew when a role or binding was written.
 */
import { ClusterRoleBindingResource } from '../../api/rbac/cluster-role-binding.ts';
import { ClusterRoleResource } from '../../api/rbac/cluster-role.ts';
import { RoleBindingResource } from '../../api/rbac/role-binding.ts';
import { RoleResource } from '../../api/rbac/role.ts';
import type { PolicyRule, RoleRef, Subject } from '../../api/generated/types.ts';
import type { UserInfo } from '../../api/request.ts';
import type { ObjectReader } from '../admission/admission.ts';
import type { Attributes, Authorizer, Decision } from './attributes.ts';
import { ruleAllows } from './rules.ts';

/** Members may do everything: client certificates of this group are the way back in when RBAC is broken. */
const SUPERUSERS = 'system:masters';
const ACCOUNT_PREFIX = 'system:serviceaccount:';

/** A binding as one of its subjects has it. */
interface Grant {
  /** `ClusterRoleBinding "x" of ClusterRole "y" to User "z"` */
  description: string;
  /** Undefined when the role does not exist. */
  rules: readonly PolicyRule[] | undefined;
  /** The text that says so. */
  missing: string;
}

/** Grants by subject ("User jane", "Group devs"). */
type Grants = Map<string, Grant[]>;

interface Index {
  cluster: Grants;
  byNamespace: Map<string, Grants>;
  /** Resources of which some rule speaks by name; for all others the name does not matter. */
  named: Set<string>;
  /** What each user has been answered, by what they asked. */
  answers: WeakMap<UserInfo, Answers>;
}

type Level<T> = Map<string, T>;

/** Answers by what was asked, level by level: looking up four known texts is cheaper than joining them to one. */
class Answers {
  size = 0;
  readonly #byVerb: Level<Level<Level<Level<Level<Decision>>>>> = new Map();

  /** The answers to one question, by name. */
  place(verb: string, group: string, resource: string, namespace: string): Level<Decision> {
    return below(below(below(below(this.#byVerb, verb), group), resource), namespace);
  }
}

function below<K, V>(level: Level<Map<K, V>>, key: string): Map<K, V> {
  let next = level.get(key);
  if (next === undefined) level.set(key, (next = new Map<K, V>()));
  return next;
}

const SUPERUSER: Decision = { allowed: true, reason: '', authorizer: 'RBAC' };
const KINDS = [ClusterRoleResource, ClusterRoleBindingResource, RoleResource, RoleBindingResource];
/** Answers kept for one user; a user who asks for more names than that begins anew. */
const MAX_ANSWERS = 4096;

/** Decides by the roles and bindings that the reader gives. */
export class RbacAuthorizer implements Authorizer {
  readonly #reader: ObjectReader;
  #counters: readonly { readonly writes: number }[] | undefined;
  /** Sum of the writes of the four kinds when the index was made; it only grows. */
  #generation = -1;
  #index: Index | undefined;

  constructor(reader: ObjectReader) {
    this.#reader = reader;
  }

  /** The same question by the same `UserInfo` is answered from memory until a role or binding changes. */
  authorize(attributes: Attributes): Decision {
    const { user, namespace, group, resource, verb, name, path } = attributes;
    if (user.groups.includes(SUPERUSERS)) return SUPERUSER;
    const { answers, named } = this.#current();
    let known = answers.get(user);
    if (known === undefined || known.size >= MAX_ANSWERS) answers.set(user, (known = new Answers()));
    const which = isNamed(named, resource) ? name : '';
    const place = path === undefined ? known.place(verb, group, resource, namespace) : known.place(verb, path, '', '');
    let decision = place.get(which);
    if (decision === undefined) {
      known.size++;
      place.set(which, (decision = this.#decide(attributes)));
    }
    return decision;
  }

  /** All rules that hold for a user in a namespace; superusers have the rule that allows everything. */
  rulesFor(user: UserInfo, namespace: string): PolicyRule[] {
    const everything: PolicyRule[] = [
      { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
      { verbs: ['*'], nonResourceURLs: ['*'] },
    ];
    const own = user.groups.includes(SUPERUSERS) ? everything : [];
    const grants = this.#grantsOf(user, namespace).flat();
    return [...own, ...grants.flatMap(({ rules = [] }) => rules)];
  }

  /** `RBACAuthorizer.Authorize`: the first rule that allows it, else why roles could not be found. */
  #decide(attributes: Attributes): Decision {
    const missing: string[] = [];
    for (const grants of this.#grantsOf(attributes.user, attributes.namespace)) {
      for (const grant of grants) {
        if (grant.rules === undefined) {
          if (!missing.includes(grant.missing)) missing.push(grant.missing);
          continue;
        }
        for (const rule of grant.rules)
          if (ruleAllows(rule, attributes)) return { allowed: true, reason: `RBAC: allowed by ${grant.description}`, rule };
      }
    }
    if (missing.length === 0) return { allowed: false, reason: '' };
    return { allowed: false, reason: `RBAC: ${missing.length === 1 ? (missing[0] as string) : `[${missing.join(', ')}]`}` };
  }

  /** What the user's bindings give, list by list: cluster-wide ones first. */
  #grantsOf(user: UserInfo, namespace: string): (readonly Grant[])[] {
    const { cluster, byNamespace } = this.#current();
    const found: (readonly Grant[])[] = [];
    const local = namespace === '' ? undefined : byNamespace.get(namespace);
    for (const grants of local === undefined ? [cluster] : [cluster, local]) {
      const own = grants.get(`User ${user.name}`);
      if (own !== undefined) found.push(own);
      for (const group of user.groups) {
        const shared = grants.get(`Group ${group}`);
        if (shared !== undefined) found.push(shared);
      }
    }
    return found;
  }

  #current(): Index {
    this.#counters ??= KINDS.map((kind) => this.#reader.counter(kind));
    let generation = 0;
    for (const { writes } of this.#counters) generation += writes;
    if (this.#index === undefined || this.#generation !== generation) {
      this.#generation = generation;
      const next = this.#build();
      // Roles that nobody is bound to change nothing: the answers stay.
      const { answers } = this.#index !== undefined && isSame(this.#index, next) ? this.#index : next;
      this.#index = { ...next, answers };
    }
    return this.#index;
  }

  #build(): Index {
    const index: Index = { cluster: new Map(), byNamespace: new Map(), named: new Set(), answers: new WeakMap() };
    for (const { metadata, roleRef, subjects } of this.#reader.list(ClusterRoleBindingResource)) {
      this.#add(index, index.cluster, `ClusterRoleBinding ${JSON.stringify(metadata.name)}`, roleRef, subjects, undefined);
    }
    for (const { metadata, roleRef, subjects } of this.#reader.list(RoleBindingResource)) {
      const { namespace = '', name } = metadata;
      let grants = index.byNamespace.get(namespace);
      if (grants === undefined) index.byNamespace.set(namespace, (grants = new Map<string, Grant[]>()));
      this.#add(index, grants, `RoleBinding ${JSON.stringify(`${name}/${namespace}`)}`, roleRef, subjects, namespace);
    }
    return index;
  }

  #add(
    index: Index,
    grants: Grants,
    binding: string,
    roleRef: RoleRef,
    subjects: readonly Subject[] = [],
    namespace: string | undefined,
  ): void {
    const { kind, name } = roleRef;
    const role =
      kind === 'ClusterRole' ? this.#reader.get(ClusterRoleResource, undefined, name) : this.#reader.get(RoleResource, namespace, name);
    const rules = role === undefined ? undefined : (role.rules ?? []);
    for (const rule of rules ?? []) if (rule.resourceNames?.length) for (const resource of rule.resources ?? []) index.named.add(resource);
    const missing = `${kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(name)} not found`;
    for (const subject of subjects) {
      const key = subjectKey(subject, namespace);
      const who =
        subject.kind === 'ServiceAccount'
          ? `ServiceAccount "${subject.name}/${subject.namespace ?? namespace ?? ''}"`
          : `${subject.kind} ${JSON.stringify(subject.name)}`;
      const grant = { description: `${binding} of ${kind} ${JSON.stringify(name)} to ${who}`, rules, missing };
      const known = grants.get(key);
      if (known === undefined) grants.set(key, [grant]);
      else known.push(grant);
    }
  }
}

function subjectKey({ kind, name, namespace }: Subject, own: string | undefined): string {
  return kind === 'ServiceAccount' ? `User ${ACCOUNT_PREFIX}${namespace ?? own ?? ''}:${name}` : `${kind} ${name}`;
}

function isNamed(named: ReadonlySet<string>, resource: string): boolean {
  if (named.has(resource) || named.has('*')) return true;
  const slash = resource.indexOf('/');
  return slash > 0 && named.has(`*${resource.slice(slash)}`);
}

/** Whether the same subjects have the same rules. */
function isSame(a: Index, b: Index): boolean {
  if (a.byNamespace.size !== b.byNamespace.size || !hasSameGrants(a.cluster, b.cluster)) return false;
  for (const [namespace, grants] of a.byNamespace) {
    const others = b.byNamespace.get(namespace);
    if (others === undefined || !hasSameGrants(grants, others)) return false;
  }
  return true;
}

function hasSameGrants(a: Grants, b: Grants): boolean {
  if (a.size !== b.size) return false;
  for (const [subject, grants] of a) {
    const others = b.get(subject);
    if (others === undefined || others.length !== grants.length) return false;
    const differs = (grant: Grant, index: number) =>
      grant.rules !== others[index]?.rules || grant.description !== others[index]?.description;
    if (grants.some(differs)) return false;
  }
  return true;
}
