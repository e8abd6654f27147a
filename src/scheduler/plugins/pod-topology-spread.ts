/**
 * PodTopologySpread (`plugins/podtopologyspread`).
 * Filter, per DoNotSchedule constraint: count(node's domain) + (1 if the pod matches its own selector) - min <= maxSkew, where
 * min is the smallest count of any domain, or 0 with fewer domains than minDomains.
 * Score, over ScheduleAnyway constraints: raw = round(Σ count · ln(domains + 2) + maxSkew - 1);
 * 100 · (max + min - raw) / max over the nodes that have all keys; 0 for the others.
 */
import type { Node, Pod, TopologySpreadConstraint } from '../../api/generated/types.ts';
import { badRequest } from '../../apimachinery/status.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import { PodInfo } from '../cache/pod-info.ts';
import { StateKey } from '../framework/cycle-state.ts';
import type { CycleState } from '../framework/cycle-state.ts';
import { Action } from '../framework/events.ts';
import type { Handle, NodeScores, Plugin } from '../framework/interface.ts';
import { MAX_NODE_SCORE } from '../framework/interface.ts';
import { skip, unresolvable, unschedulable } from '../framework/status.ts';
import type { Status } from '../framework/status.ts';
import { defaultConstraints, hasAllKeys, HOSTNAME_LABEL, ownConstraints, SYSTEM_DEFAULTS } from '../helpers/spread-constraints.ts';
import type { SpreadConstraint } from '../helpers/spread-constraints.ts';
import { Tallies } from '../helpers/tallies.ts';

const NAME = 'PodTopologySpread';
const SKIP = skip(NAME);
const SKEW = unschedulable(NAME, "node(s) didn't match pod topology spread constraints");
const NO_KEY = unresolvable(NAME, "node(s) didn't match pod topology spread constraints (missing required label)");

/** Matching pods per domain of one hard constraint. */
class DomainCounts {
  readonly counts: Map<string, number>;
  readonly #members = new Map<string, number>();
  #min: number | undefined;

  constructor(counts = new Map<string, number>()) {
    this.counts = counts;
  }

  add(value: string, delta: number): void {
    this.counts.set(value, (this.counts.get(value) ?? 0) + delta);
    this.#min = undefined;
  }

  /** A node of the domain came (1) or went (-1) with its matching pods: a domain without nodes is none. */
  addNode(value: string, matching: number, sign: 1 | -1): void {
    const members = (this.#members.get(value) ?? 0) + sign;
    this.#members.set(value, members);
    if (members > 0) return this.add(value, sign * matching);
    this.#members.delete(value);
    this.counts.delete(value);
    this.#min = undefined;
  }

  min(minDomains: number): number {
    if (this.counts.size < minDomains) return 0;
    if (this.#min === undefined) {
      this.#min = Infinity;
      for (const count of this.counts.values()) this.#min = Math.min(this.#min, count);
    }
    return this.#min;
  }
}

class HardState {
  readonly constraints: readonly SpreadConstraint[];
  readonly domains: readonly DomainCounts[];

  constructor(constraints: readonly SpreadConstraint[], domains: readonly DomainCounts[]) {
    this.constraints = constraints;
    this.domains = domains;
  }

  clone(): HardState {
    return new HardState(
      this.constraints,
      this.domains.map(({ counts }) => new DomainCounts(new Map(counts))),
    );
  }

  update({ pod }: PodInfo, other: PodInfo, node: NodeInfo, delta: number): void {
    if (other.pod.metadata.namespace !== pod.metadata.namespace || !hasAllKeys(node, this.constraints)) return;
    for (const [index, constraint] of this.constraints.entries()) {
      if (!constraint.selector.matches(other.pod.metadata.labels) || !constraint.admits(pod.spec, node)) continue;
      this.domains[index]?.add(node.labels?.[constraint.topologyKey] ?? '', delta);
    }
  }
}

/** A node's part in the counts of one constraint. */
interface Part {
  readonly value: string;
  readonly matching: number;
}

/** The domains of hard constraints, kept up to date node by node. */
class DomainTally {
  readonly state: HardState;
  readonly #spec: Pod['spec'];
  readonly #parts: ((Part | undefined)[] | undefined)[] = [];

  constructor(constraints: readonly SpreadConstraint[], spec: Pod['spec']) {
    this.state = new HardState(
      constraints,
      constraints.map(() => new DomainCounts()),
    );
    this.#spec = spec;
  }

  update(node: NodeInfo): void {
    const { constraints, domains } = this.state;
    const old = this.#parts[node.slot];
    const counts = node.node !== undefined && hasAllKeys(node, constraints);
    const next = counts ? constraints.map((constraint) => this.#partOf(constraint, node)) : undefined;
    for (const [index, domain] of domains.entries()) {
      const [before, after] = [old?.[index], next?.[index]];
      if (after !== undefined) domain.addNode(after.value, after.matching, 1);
      if (before !== undefined) domain.addNode(before.value, before.matching, -1);
    }
    if (node.slot >= 0) this.#parts[node.slot] = next;
  }

  #partOf(constraint: SpreadConstraint, node: NodeInfo): Part | undefined {
    if (!constraint.admits(this.#spec, node)) return undefined;
    return { value: node.labels?.[constraint.topologyKey] ?? '', matching: constraint.countOn(node) };
  }
}

interface SoftState {
  readonly constraints: readonly SpreadConstraint[];
  /** Per constraint, topology value → matching pods; of hostname constraints nothing, those are counted node by node. */
  readonly counts: readonly Map<string, number>[];
  readonly weights: readonly number[];
  readonly ignored: ReadonlySet<NodeInfo>;
}

const hard = new StateKey<HardState>(`PreFilter${NAME}`);
const soft = new StateKey<SoftState>(`PreScore${NAME}`);

/** Arguments of the plugin. */
interface SpreadArgs {
  defaultConstraints?: readonly TopologySpreadConstraint[];
  defaultingType?: string;
}

class PodTopologySpread implements Plugin {
  readonly name: string = NAME;
  readonly events: Plugin['events'] = [
    {
      event: { resource: 'Pod', action: Action.Add | Action.Delete | Action.UpdatePodLabel },
      hint: (pod, { old, object }) => this.#podChangeHelps(pod, old as Pod | undefined, object as Pod | undefined),
    },
    {
      event: { resource: 'Node', action: Action.Add | Action.Delete | Action.UpdateNodeLabel | Action.UpdateNodeTaint },
      hint: (pod, { old, object }) => this.#nodeChangeHelps(pod, old as Node | undefined, object as Node | undefined),
    },
  ];
  readonly #handle: Handle;
  readonly #tallies = new Tallies<DomainTally>();
  readonly #defaults: readonly TopologySpreadConstraint[];
  readonly #systemDefaulted: boolean;

  constructor(handle: Handle, { defaultConstraints: listed = [], defaultingType = listed.length > 0 ? 'List' : 'System' }: SpreadArgs) {
    if (defaultingType !== 'System' && defaultingType !== 'List')
      throw badRequest(`defaultingType: Unsupported value: "${defaultingType}"`);
    this.#handle = handle;
    this.#systemDefaulted = defaultingType === 'System';
    this.#defaults = this.#systemDefaulted ? SYSTEM_DEFAULTS : listed;
  }

  #constraints({ pod }: PodInfo, whenUnsatisfiable: string): SpreadConstraint[] {
    if ((pod.spec.topologySpreadConstraints?.length ?? 0) > 0) return ownConstraints(pod, whenUnsatisfiable);
    return defaultConstraints(this.#defaults, pod, whenUnsatisfiable, this.#handle.informers.selectors);
  }

  /** Counts move when a pod of the same namespace begins or ceases to match, or the pod itself changed. */
  #podChangeHelps(pod: Pod, old: Pod | undefined, next: Pod | undefined): boolean {
    const other = next ?? old;
    if (other === undefined || other.metadata.uid === pod.metadata.uid) return other !== undefined;
    if (other.metadata.namespace !== pod.metadata.namespace) return false;
    const counted = (changed: Pod | undefined, constraint: SpreadConstraint) =>
      changed !== undefined && constraint.selector.matches(changed.metadata.labels);
    return this.#constraints(new PodInfo(pod), 'DoNotSchedule').some(
      (constraint) => counted(old, constraint) !== counted(next, constraint),
    );
  }

  /** Domains change with nodes that have all topology keys. */
  #nodeChangeHelps(pod: Pod, old: Node | undefined, next: Node | undefined): boolean {
    const constraints = this.#constraints(new PodInfo(pod), 'DoNotSchedule');
    const counts = (node: Node | undefined) => node !== undefined && hasAllKeys(node.metadata, constraints);
    return counts(old) || counts(next);
  }

  preFilter(state: CycleState, pod: PodInfo): Status | undefined {
    const constraints = this.#constraints(pod, 'DoNotSchedule');
    if (constraints.length === 0) return SKIP;
    const make = () => new DomainTally(constraints, pod.pod.spec);
    // Defaults select by the objects of workloads, which may change.
    const version = (pod.pod.spec.topologySpreadConstraints?.length ?? 0) > 0 ? '' : {};
    state.write(hard, this.#tallies.get(this.#handle.snapshot, pod, version, make).state);
    return undefined;
  }

  addPod(state: CycleState, pod: PodInfo, added: PodInfo, node: NodeInfo): void {
    state.read(hard)?.update(pod, added, node, 1);
  }

  removePod(state: CycleState, pod: PodInfo, removed: PodInfo, node: NodeInfo): void {
    state.read(hard)?.update(pod, removed, node, -1);
  }

  filter(state: CycleState, { pod }: PodInfo, { labels }: NodeInfo): Status | undefined {
    const found = state.read(hard);
    if (found === undefined) return undefined;
    for (const [index, { topologyKey, selector, minDomains, maxSkew }] of found.constraints.entries()) {
      const value = labels?.[topologyKey];
      const domain = found.domains[index];
      if (value === undefined || domain === undefined) return NO_KEY;
      const self = selector.matches(pod.metadata.labels) ? 1 : 0;
      if ((domain.counts.get(value) ?? 0) + self - domain.min(minDomains) > maxSkew) return SKEW;
    }
    return undefined;
  }

  preScore(state: CycleState, pod: PodInfo, nodes: readonly NodeInfo[]): Status | undefined {
    const constraints = this.#constraints(pod, 'ScheduleAnyway');
    if (constraints.length === 0) return SKIP;
    const requireAll = (pod.pod.spec.topologySpreadConstraints?.length ?? 0) > 0 || !this.#systemDefaulted;
    const ignored = new Set(requireAll ? nodes.filter((node) => !hasAllKeys(node, constraints)) : []);
    const counts = constraints.map(({ topologyKey }) => {
      const values = new Map<string, number>();
      if (topologyKey === HOSTNAME_LABEL) return values;
      for (const node of nodes) if (!ignored.has(node)) values.set(node.labels?.[topologyKey] ?? '', 0);
      return values;
    });
    const weights = constraints.map(({ topologyKey }, index) => {
      const domains = topologyKey === HOSTNAME_LABEL ? nodes.length - ignored.size : (counts[index]?.size ?? 0);
      return Math.log(domains + 2);
    });
    for (const [index, constraint] of constraints.entries()) {
      const values = counts[index];
      if (values !== undefined && values.size > 0) this.#count(pod, constraint, values, requireAll ? constraints : []);
    }
    state.write(soft, { constraints, counts, weights, ignored });
    return undefined;
  }

  #count({ pod }: PodInfo, constraint: SpreadConstraint, values: Map<string, number>, required: readonly SpreadConstraint[]): void {
    for (const node of this.#handle.snapshot.nodes) {
      const value = node.labels?.[constraint.topologyKey] ?? '';
      const known = values.get(value);
      if (known === undefined || !hasAllKeys(node, required) || !constraint.admits(pod.spec, node)) continue;
      values.set(value, known + constraint.countOn(node));
    }
  }

  score(state: CycleState, _pod: PodInfo, node: NodeInfo): number {
    const found = state.read(soft);
    if (found === undefined || found.ignored.has(node)) return 0;
    const { constraints, counts, weights } = found;
    let score = 0;
    for (let index = 0; index < constraints.length; index++) {
      const constraint = constraints[index];
      const value = constraint && node.labels?.[constraint.topologyKey];
      if (constraint === undefined || value === undefined) continue;
      const count = constraint.topologyKey === HOSTNAME_LABEL ? constraint.countOn(node) : (counts[index]?.get(value) ?? 0);
      score += count * (weights[index] ?? 0) + (constraint.maxSkew - 1);
    }
    return Math.round(score);
  }

  normalizeScore(state: CycleState, _pod: PodInfo, nodes: readonly NodeInfo[], scores: NodeScores): void {
    const ignored = state.read(soft)?.ignored;
    let [min, max] = [Infinity, 0];
    for (const [index, node] of nodes.entries()) {
      if (ignored?.has(node)) continue;
      const score = scores[index] ?? 0;
      min = Math.min(min, score);
      max = Math.max(max, score);
    }
    for (const [index, node] of nodes.entries()) {
      if (ignored?.has(node)) scores[index] = 0;
      else if (max === 0) scores[index] = MAX_NODE_SCORE;
      else scores[index] = Math.trunc((MAX_NODE_SCORE * (max + min - (scores[index] ?? 0))) / max);
    }
  }
}

/** Makes the PodTopologySpread plugin from its `PodTopologySpreadArgs`. */
export function podTopologySpread(args: Readonly<Record<string, unknown>>, handle: Handle): Plugin {
  return new PodTopologySpread(handle, args as SpreadArgs);
}
