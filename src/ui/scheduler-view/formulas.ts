/**
 * The formulas of the scoring plugins with the numbers of one node filled in. Formulas are mathematics and names of resources, the
 * same in every language. Each also answers with its result, so that a formula whose facts are not those of the decision is found out.
 * Models what src/scheduler/plugins and src/scheduler/helpers/resource-scoring.ts compute.
 */
import { amount, bytes, short } from './amounts.ts';

/** A formula and what it comes to. */
export interface Formula {
  /** One line a step, the result last. */
  lines: readonly string[];
  value: number;
}

/** What one resource of a node is asked for with the pod on it; both amounts in the scheduler's unit. */
export interface ResourceFact {
  name: string;
  weight: number;
  requested: number;
  allocatable: number;
}

/** A point of a RequestedToCapacityRatio shape: utilisation 0 to 100, score 0 to 10. */
export interface ShapePoint {
  utilization: number;
  score: number;
}

/** How NodeResourcesFit scores. */
export type FitStrategy = 'LeastAllocated' | 'MostAllocated' | 'RequestedToCapacityRatio';

const MIB = 2 ** 20;
const MIN_IMAGE = 23 * MIB;
const MAX_IMAGE = 1000 * MIB;

function least({ name, requested, allocatable }: ResourceFact): Formula {
  const [asked, given] = [amount(name, requested), amount(name, allocatable)];
  if (requested > allocatable) return { value: 0, lines: [`${name}: ${asked} > ${given} → 0`] };
  const value = Math.trunc(((allocatable - requested) * 100) / allocatable);
  return { value, lines: [`${name}: (${given} − ${asked}) · 100 / ${given} = ${String(value)}`] };
}

function most({ name, requested, allocatable }: ResourceFact): Formula {
  const [asked, given] = [amount(name, requested), amount(name, allocatable)];
  const value = Math.trunc((Math.min(requested, allocatable) * 100) / allocatable);
  return { value, lines: [`${name}: ${requested > allocatable ? given : asked} · 100 / ${given} = ${String(value)}`] };
}

function ratio(shape: readonly ShapePoint[]) {
  return ({ name, requested, allocatable }: ResourceFact): Formula => {
    const used = requested > allocatable ? 100 : Math.trunc((requested * 100) / allocatable);
    const asked = `${name}: ${amount(name, requested)} · 100 / ${amount(name, allocatable)} = ${String(used)}`;
    const next = shape.findIndex(({ utilization }) => used <= utilization);
    const to = shape[next];
    const from = shape[next - 1];
    if (to === undefined || from === undefined) {
      const value = (to ?? shape.at(-1))?.score ?? 0;
      return { value: value * 10, lines: [`${asked} → ${String(value * 10)}`] };
    }
    const [low, high] = [from.score * 10, to.score * 10];
    const value = low + Math.trunc(((high - low) * (used - from.utilization)) / (to.utilization - from.utilization));
    const line = `${String(low)} + (${String(high)} − ${String(low)}) · (${String(used)} − ${String(from.utilization)}) / (${String(to.utilization)} − ${String(from.utilization)})`;
    return { value, lines: [asked, `  ${line} = ${String(value)}`] };
  };
}

/** NodeResourcesFit: Σ score · weight / Σ weight over the resources that the node has; requests that are not stated count as 100m and 200Mi. */
export function fitFormula(
  facts: readonly ResourceFact[],
  strategy: FitStrategy = 'LeastAllocated',
  shape: readonly ShapePoint[] = [],
): Formula {
  const isRatio = strategy === 'RequestedToCapacityRatio';
  const score = isRatio ? ratio(shape) : strategy === 'MostAllocated' ? most : least;
  const scored = facts.filter(({ allocatable }) => allocatable > 0).map((fact) => ({ ...score(fact), weight: fact.weight }));
  const counted = isRatio ? scored.filter(({ value }) => value > 0) : scored;
  const weights = counted.reduce((sum, { weight }) => sum + weight, 0);
  const sum = counted.reduce((total, { value, weight }) => total + value * weight, 0);
  const lines = scored.flatMap((one) => one.lines);
  if (weights === 0) return { value: 0, lines: [...lines, '= 0'] };
  const terms = counted.map(({ value, weight }) => (weight === 1 ? String(value) : `${String(value)} · ${String(weight)}`)).join(' + ');
  const value = isRatio ? Math.round(sum / weights) : Math.trunc(sum / weights);
  const mean = `(${terms}) / ${String(weights)}`;
  return { value, lines: [...lines, `${isRatio ? `round(${mean})` : `⌊${mean}⌋`} = ${String(value)}`] };
}

/** NodeResourcesBalancedAllocation: 100 less the deviation of the used fractions; with the real requests. */
export function balancedFormula(facts: readonly ResourceFact[]): Formula {
  const used = facts.filter(({ allocatable }) => allocatable > 0);
  const fractions = used.map(({ requested, allocatable }) => Math.min(1, requested / allocatable));
  const lines = used.map(
    ({ name, requested, allocatable }, at) =>
      `${name}: ${amount(name, requested)} / ${amount(name, allocatable)} = ${short(fractions[at] ?? 0, 3)}`,
  );
  const [a = 0, b = 0] = fractions;
  let deviation = 0;
  if (fractions.length === 2) {
    deviation = Math.abs((a - b) / 2);
    lines.push(`std = |${short(a, 3)} − ${short(b, 3)}| / 2 = ${short(deviation, 3)}`);
  } else if (fractions.length > 2) {
    const mean = fractions.reduce((sum, value) => sum + value, 0) / fractions.length;
    deviation = Math.sqrt(fractions.reduce((sum, value) => sum + (value - mean) ** 2, 0) / fractions.length);
    lines.push(`mean = ${short(mean, 3)}`, `std = √(Σ (f − mean)² / ${String(fractions.length)}) = ${short(deviation, 3)}`);
  }
  const value = Math.trunc((1 - deviation) * 100);
  return { value, lines: [...lines, `⌊(1 − ${short(deviation, 3)}) · 100⌋ = ${String(value)}`] };
}

/** An image of the pod: its size in bytes, and on how many nodes it is. */
export interface ImageFact {
  name: string;
  /** 0: this node does not have it. */
  sizeBytes: number;
  nodes: number;
}

/** ImageLocality: what of the images is there already, each counted by how widely it is spread. `total`: all nodes. */
export function imageFormula(images: readonly ImageFact[], total: number): Formula {
  const lines: string[] = [];
  let sum = 0;
  for (const { name, sizeBytes, nodes } of images) {
    const part = Math.trunc(sizeBytes * (nodes / total));
    sum += part;
    lines.push(sizeBytes > 0 ? `${name}: ${bytes(sizeBytes)} · ${String(nodes)}/${String(total)} = ${bytes(part)}` : `${name}: 0`);
  }
  const max = MAX_IMAGE * images.length;
  const clamped = Math.min(Math.max(sum, MIN_IMAGE), max);
  if (images.length > 1) lines.push(`Σ = ${bytes(sum)}`);
  if (clamped !== sum) lines.push(`clamp(${bytes(sum)}, 23Mi, ${bytes(max)}) = ${bytes(clamped)}`);
  const value = Math.trunc((100 * (clamped - MIN_IMAGE)) / (max - MIN_IMAGE));
  return { value, lines: [...lines, `⌊100 · (${bytes(clamped)} − 23Mi) / (${bytes(max)} − 23Mi)⌋ = ${String(value)}`] };
}

/** What counts for or against a node, with how much: preferred terms and their weights, taints and 1 each. */
export interface Term {
  text: string;
  weight: number;
}

/** TaintToleration, NodeAffinity: Σ of what applies. */
export function sumFormula(terms: readonly Term[]): Formula {
  const value = terms.reduce((sum, { weight }) => sum + weight, 0);
  const lines = terms.map(({ text, weight }) => `${text}: ${weight < 0 ? '−' : '+'}${String(Math.abs(weight))}`);
  return { value, lines: [...lines, `Σ = ${String(value)}`] };
}

/** How the plugins bring their scores into 0 to 100. */
const NORMALIZERS: Readonly<Record<string, 'share' | 'reverse' | 'spread' | 'range'>> = {
  NodeAffinity: 'share',
  TaintToleration: 'reverse',
  PodTopologySpread: 'spread',
  InterPodAffinity: 'range',
};

/**
 * How the plugin normalises one of its raw scores: share 100 · raw / max; reverse 100 − 100 · raw / max; spread
 * 100 · (max + min − raw) / max; range 100 · (raw − min) / (max − min). Undefined for a plugin that does not normalise, or in a way
 * that is not known here.
 */
export function normalizeFormula(plugin: string, raw: readonly number[], at: number): Formula | undefined {
  const how = NORMALIZERS[plugin];
  const own = raw[at];
  if (how === undefined || own === undefined) return undefined;
  const max = raw.reduce((a, b) => Math.max(a, b), -Infinity);
  const min = raw.reduce((a, b) => Math.min(a, b), Infinity);
  const bounds = `max = ${String(max)}${how === 'spread' || how === 'range' ? `, min = ${String(min)}` : ''}`;
  const done = (text: string, value: number): Formula => ({ value, lines: [bounds, `${text} = ${String(value)}`] });
  const fixed = (value: number): Formula => ({ value, lines: [`${bounds} → ${String(value)}`] });
  if (how === 'range') {
    if (max === min) return fixed(0);
    return done(
      `⌊100 · (${String(own)} − ${String(min)}) / (${String(max)} − ${String(min)})⌋`,
      Math.trunc(100 * ((own - min) / (max - min))),
    );
  }
  if (max === 0) return fixed(how === 'share' ? 0 : 100);
  if (how === 'spread')
    return done(`⌊100 · (${String(max)} + ${String(min)} − ${String(own)}) / ${String(max)}⌋`, Math.trunc((100 * (max + min - own)) / max));
  const share = Math.floor((100 * own) / max);
  if (how === 'share') return done(`⌊100 · ${String(own)} / ${String(max)}⌋`, share);
  return done(`100 − ⌊100 · ${String(own)} / ${String(max)}⌋`, 100 - share);
}

/** Σ weight · normalised score, for the cell of the total. */
export function totalFormula(parts: readonly { name: string; weight: number; score: number }[]): Formula {
  const value = parts.reduce((sum, { weight, score }) => sum + weight * score, 0);
  const lines = parts.map(({ name, weight, score }) => `${name}: ${String(score)} × ${String(weight)} = ${String(score * weight)}`);
  return { value, lines: [...lines, `Σ = ${String(value)}`] };
}
