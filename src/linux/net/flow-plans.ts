/**
 * Connections that are made again and again take effect without packets: each place that connects keeps a flow plan for
 * every destination, until anything changes in the network (`generation.ts`). Nobody can tell the difference but by the clock.
 */
import type { Netfilter } from '../netfilter/netfilter.ts';
import type { ConnectOutcome } from './connect.ts';
import {
  descend,
  outcomeOf,
  PlanNode,
  takeEffect,
  type Draw,
  type Finding,
  type Leaf,
  type Step,
  type TupleTemplate,
} from './flow-plan.ts';
import { flowPlans } from './flow-late.ts';
import { FlowRecorder, type Taken } from './flow-recorder.ts';
import { networkGeneration } from './generation.ts';
import type { Ipv4 } from './ipv4.ts';
import type { NetworkNamespace } from './namespace.ts';
import { sourceAddress } from './routing.ts';
import type { Protocol } from './socket.ts';

/** Attempts, none more than `PAUSE_MS` after the one before, after which a destination is worth a plan. */
const ATTEMPTS_BEFORE = 3;
const PAUSE_MS = 5000;
/** What is remembered at most: destinations of a namespace, ways of a plan, recordings for it, ways in all. */
const MAX_PLANS = 128;
const MAX_LEAVES = 128;
const MAX_RECORDINGS = 512;
/** Recordings that no plan can stand for, after which no more are made. */
const MAX_UNFIT = 32;
const MAX_LEAVES_IN_ALL = 2048;

/** The plan for one destination. */
export class FlowPlan {
  readonly source: Ipv4 | undefined;
  readonly #client: NetworkNamespace;
  readonly #generation: number;
  readonly #netfilters: Netfilter[] = [];
  #root: PlanNode | undefined = undefined;
  #attempts = 0;
  #attemptedAt = 0;
  #leaves = 0;
  #recordings = 0;
  #unfit = 0;

  constructor(client: NetworkNamespace, ip: Ipv4, generation: number) {
    this.#client = client;
    this.#generation = generation;
    this.source = sourceAddress(client, ip);
  }

  /** Makes the connection, if this way was seen before. */
  replay(port: number): ConnectOutcome | undefined {
    if (this.#root === undefined) return undefined;
    for (const netfilter of this.#netfilters) netfilter.prepare();
    if (networkGeneration() !== this.#generation) return undefined;
    const { now } = this.#client.machine;
    const leaf = descend(this.#root, port, now);
    if (leaf === undefined) return undefined;
    takeEffect(leaf, now);
    flowPlans.replayed++;
    return outcomeOf(leaf, this.#client);
  }

  /** Who is to watch the packets of the next attempt, if anybody. */
  recorder(sourcePort: number, destinationPort: number): FlowRecorder | undefined {
    const { now } = this.#client.machine;
    this.#attempts = now - this.#attemptedAt > PAUSE_MS ? 1 : this.#attempts + 1;
    this.#attemptedAt = now;
    if (this.#attempts <= ATTEMPTS_BEFORE || this.#leaves >= MAX_LEAVES || this.#recordings >= MAX_RECORDINGS) return undefined;
    if (total.leaves >= MAX_LEAVES_IN_ALL) return undefined;
    this.#recordings++;
    return new FlowRecorder(now, sourcePort, destinationPort);
  }

  /** Keeps what was seen, if it can come again. */
  learn(recorder: FlowRecorder, outcome: ConnectOutcome): void {
    if (networkGeneration() !== this.#generation) return;
    const leaf = recorder.leaf(outcome);
    if (leaf === undefined) {
      if (recorder.fitness === 'never' && ++this.#unfit >= MAX_UNFIT) this.#recordings = MAX_RECORDINGS;
      return;
    }
    const growth = this.#grow(recorder.taken, leaf);
    if (growth === 'known') return;
    if (growth === 'different') {
      // It depends on more than a plan knows.
      this.#root = undefined;
      this.#recordings = MAX_RECORDINGS;
      return;
    }
    recorder.countFor(leaf);
    this.#leaves++;
    total.leaves++;
    for (const netfilter of recorder.netfilters) if (!this.#netfilters.includes(netfilter)) this.#netfilters.push(netfilter);
  }

  /** Adds a way to the tree. 'different': it goes on otherwise than one that was the same until there. */
  #grow(taken: readonly Taken[], leaf: Leaf): 'grown' | 'known' | 'different' {
    let place: { node: PlanNode | undefined } = { node: this.#root };
    const begin = place;
    for (const { step, unmatched, finding } of taken) {
      const node = (place.node ??= new PlanNode(step));
      if (!isSameStep(node.step, step)) return 'different';
      place = placeAfter(node, unmatched ?? false, finding);
    }
    if (place.node !== undefined) return place.node.step.kind === 'leaf' ? 'known' : 'different';
    place.node = new PlanNode(leaf);
    this.#root = begin.node;
    return 'grown';
  }
}

/** Where the tree goes on after a step. */
function placeAfter(node: PlanNode, unmatched: boolean, finding: Finding | undefined): { node: PlanNode | undefined } {
  if (finding !== undefined) {
    const known = node.findings.find((one) => isSameFinding(one.finding, finding));
    if (known !== undefined) return known;
    const place = { finding, node: undefined };
    node.findings.push(place);
    return place;
  }
  return {
    get node() {
      return unmatched ? node.other : node.next;
    },
    set node(next) {
      if (unmatched) node.other = next;
      else node.next = next;
    },
  };
}

const isSameFinding = (a: Finding, b: Finding): boolean =>
  a.isReply === b.isReply &&
  a.seenReply === b.seenReply &&
  a.old === b.old &&
  a.destinationNat === b.destinationNat &&
  isSameTemplate(a.other, b.other);

function isSameStep(a: Step, b: Step): boolean {
  if (a.kind === 'draw' && b.kind === 'draw') return isSameDraw(a, b);
  if (a.kind === 'wrap' && b.kind === 'wrap') return a.variable === b.variable && isSameTemplate(a.tuple, b.tuple);
  if ((a.kind !== 'track' && a.kind !== 'free') || (b.kind !== 'track' && b.kind !== 'free')) return false;
  return a.kind === b.kind && a.conntrack === b.conntrack && a.slot === b.slot && isSameTemplate(a.tuple, b.tuple);
}

const isSameDraw = (a: Draw, b: Draw): boolean => a.random === b.random && a.threshold === b.threshold && a.inverted === b.inverted;

const isSameTemplate = (a: TupleTemplate, b: TupleTemplate): boolean =>
  a.protocol === b.protocol &&
  a.from === b.from &&
  a.to === b.to &&
  a.sourceVariable === b.sourceVariable &&
  a.destinationVariable === b.destinationVariable &&
  (a.sourceVariable >= 0 || a.sourcePort === b.sourcePort) &&
  (a.destinationVariable >= 0 || a.destinationPort === b.destinationPort);

/** The plans of one namespace, by destination. */
type Plans = Map<number, FlowPlan>;

/** All plans of one generation; and whose were asked for last. */
let plans = new WeakMap<NetworkNamespace, Plans>();
const total = { generation: -1, leaves: 0 };
let last: { readonly netns: NetworkNamespace; readonly plans: Plans } | undefined;

/** Puts flow plans in place. Call once per process, whenever: connections are the same with and without. */
export function installFlowPlans(): void {
  flowPlans.planFor = planFor;
}

/** The plan for connections from a namespace to a destination, new or not. */
function planFor(netns: NetworkNamespace, ip: Ipv4, port: number, protocol: Protocol): FlowPlan {
  const generation = networkGeneration();
  if (total.generation !== generation) {
    total.generation = generation;
    total.leaves = 0;
    plans = new WeakMap();
    last = undefined;
  }
  const own = last?.netns === netns ? last.plans : plansOf(netns);
  const key = (ip * 65536 + port) * 2 + (protocol === 'TCP' ? 1 : 0);
  let plan = own.get(key);
  if (plan === undefined) {
    if (own.size >= MAX_PLANS) own.clear();
    own.set(key, (plan = new FlowPlan(netns, ip, generation)));
  }
  return plan;
}

function plansOf(netns: NetworkNamespace): Plans {
  let known = plans.get(netns);
  if (known === undefined) plans.set(netns, (known = new Map()));
  last = { netns, plans: known };
  return known;
}
