/** Amounts of resources as people read them: "2000m" of cpu, "1.5Gi" of memory. */

const UNITS: readonly [string, number][] = [
  ['Ti', 2 ** 40],
  ['Gi', 2 ** 30],
  ['Mi', 2 ** 20],
  ['Ki', 2 ** 10],
];

/** At most two decimals, without a tail of zeros: 0.5, 12.25, 3. */
export const short = (value: number, decimals = 2): string => String(Number(value.toFixed(decimals)));

/** Bytes with the largest unit that leaves at least 1. */
export function bytes(value: number): string {
  const [unit, size] = UNITS.find(([, factor]) => Math.abs(value) >= factor) ?? ['', 1];
  return `${short(value / size)}${unit}`;
}

/** An amount as the scheduler counts it (cpu in thousandths, others in units) as text. */
export function amount(resource: string, value: number): string {
  if (resource === 'cpu') return `${String(value)}m`;
  return resource === 'memory' || resource === 'ephemeral-storage' || resource.startsWith('hugepages-') ? bytes(value) : String(value);
}
