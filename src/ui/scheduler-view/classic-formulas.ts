/** The formulas of the classic mode's priorities, 0 to 10 points each, with numbers. Models src/scheduler/classic/priorities.ts. */
import { amount, bytes, short } from './amounts.ts';
import { normalizeFormula } from './formulas.ts';
import type { Formula, ImageFact, ResourceFact } from './formulas.ts';

const MAX = 10;
const MIB = 2 ** 20;
const MIN_IMAGE = 23 * MIB;
const MAX_IMAGE = 1000 * MIB;

/** LeastRequestedPriority, MostRequestedPriority: the mean of cpu and memory, tenths of the capacity that are left free or are used. */
export function tenthsFormula(facts: readonly ResourceFact[], most = false): Formula {
  const scores = facts.map(({ name, requested, allocatable }) => {
    const [asked, given] = [amount(name, requested), amount(name, allocatable)];
    if (allocatable === 0 || requested > allocatable) return { value: 0, line: `${name}: ${asked} > ${given} → 0` };
    const value = Math.trunc(((most ? requested : allocatable - requested) * MAX) / allocatable);
    return { value, line: `${name}: ${most ? asked : `(${given} − ${asked})`} · 10 / ${given} = ${String(value)}` };
  });
  const value = Math.trunc(scores.reduce((sum, one) => sum + one.value, 0) / 2);
  return {
    value,
    lines: [...scores.map(({ line }) => line), `⌊(${scores.map((one) => String(one.value)).join(' + ')}) / 2⌋ = ${String(value)}`],
  };
}

/** BalancedResourceAllocation: 10 − 10 · the whole difference of the two fractions; 0 when either is full. */
export function differenceFormula(facts: readonly ResourceFact[]): Formula {
  const fractions = facts.map(({ requested, allocatable }) => (allocatable === 0 ? 1 : requested / allocatable));
  const lines = facts.map(
    ({ name, requested, allocatable }, at) =>
      `${name}: ${amount(name, requested)} / ${amount(name, allocatable)} = ${short(fractions[at] ?? 0, 3)}`,
  );
  const [a = 1, b = 1] = fractions;
  if (a >= 1 || b >= 1) return { value: 0, lines: [...lines, `${short(Math.max(a, b), 3)} ≥ 1 → 0`] };
  const value = Math.trunc(MAX - Math.abs(a - b) * MAX);
  return { value, lines: [...lines, `⌊10 − |${short(a, 3)} − ${short(b, 3)}| · 10⌋ = ${String(value)}`] };
}

/** ImageLocalityPriority: bytes that are there already, however widely spread. */
export function presentImagesFormula(images: readonly ImageFact[]): Formula {
  const sum = images.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
  const lines = images.map(({ name, sizeBytes }) => `${name}: ${bytes(sizeBytes)}`);
  if (images.length > 1) lines.push(`Σ = ${bytes(sum)}`);
  if (sum < MIN_IMAGE) return { value: 0, lines: [...lines, `${bytes(sum)} < 23Mi → 0`] };
  if (sum >= MAX_IMAGE) return { value: MAX, lines: [...lines, `${bytes(sum)} ≥ 1000Mi → 10`] };
  const value = Math.trunc((MAX * (sum - MIN_IMAGE)) / (MAX_IMAGE - MIN_IMAGE) + 1);
  return { value, lines: [...lines, `⌊10 · (${bytes(sum)} − 23Mi) / (1000Mi − 23Mi) + 1⌋ = ${String(value)}`] };
}

/** SelectorSpreadPriority, normalised: fewer pods of the workload on the node, and (2/3) in its zone. `zones`: the zone of each node, "" for none. */
export function selectorSpreadFormula(raw: readonly number[], zones: readonly string[], at: number): Formula {
  const own = raw[at] ?? 0;
  const max = Math.max(0, ...raw);
  const onNode = max > 0 ? (MAX * (max - own)) / max : MAX;
  const lines = [max > 0 ? `10 · (${String(max)} − ${String(own)}) / ${String(max)} = ${short(onNode)}` : 'max = 0 → 10'];
  const zone = zones[at] ?? '';
  if (zone === '') return { value: Math.trunc(onNode), lines: [...lines, `⌊${short(onNode)}⌋ = ${String(Math.trunc(onNode))}`] };
  const sums = new Map<string, number>();
  for (const [index, name] of zones.entries()) if (name !== '') sums.set(name, (sums.get(name) ?? 0) + (raw[index] ?? 0));
  const [inZone, maxZone] = [sums.get(zone) ?? 0, Math.max(...sums.values())];
  const zonal = maxZone > 0 ? (MAX * (maxZone - inZone)) / maxZone : MAX;
  lines.push(
    maxZone > 0 ? `${zone}: 10 · (${String(maxZone)} − ${String(inZone)}) / ${String(maxZone)} = ${short(zonal)}` : `${zone}: max = 0 → 10`,
  );
  const value = Math.trunc(onNode * (1 - 2 / 3) + (2 / 3) * zonal);
  return { value, lines: [...lines, `⌊1/3 · ${short(onNode)} + 2/3 · ${short(zonal)}⌋ = ${String(value)}`] };
}

/** How priorities bring their scores into 0 to 10; undefined for those that give points at once. */
export function normalizePriority(priority: string, raw: readonly number[], at: number): Formula | undefined {
  const own = raw[at];
  if (own === undefined) return undefined;
  if (priority === 'InterPodAffinityPriority') {
    const today = normalizeFormula('InterPodAffinity', raw, at);
    if (today === undefined) return undefined;
    const value = Math.trunc(today.value / MAX);
    return { value, lines: [...today.lines, `⌊${String(today.value)} / 10⌋ = ${String(value)}`] };
  }
  const reverse = priority === 'TaintTolerationPriority';
  if (!reverse && priority !== 'NodeAffinityPriority') return undefined;
  const max = Math.max(0, ...raw);
  if (max === 0) return { value: reverse ? MAX : 0, lines: [`max = 0 → ${reverse ? '10' : '0'}`] };
  const value = Math.trunc((MAX * (reverse ? max - own : own)) / max);
  const share = reverse ? `(${String(max)} − ${String(own)})` : String(own);
  return { value, lines: [`max = ${String(max)}`, `⌊10 · ${share} / ${String(max)}⌋ = ${String(value)}`] };
}
