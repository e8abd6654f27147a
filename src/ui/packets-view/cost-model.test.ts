import { describe, expect, it } from 'vitest';
import { MEASURED, MODE_COSTS, SERVICE_COUNTS } from './cost-model.ts';

const costOf = (mode: string) => MODE_COSTS.find((cost) => cost.mode === mode)!.operations;

describe('the cost of translating an address', () => {
  it('grows with the number of Services under iptables, and stays the same under ipvs and nftables', () => {
    expect(SERVICE_COUNTS.map(costOf('iptables'))).toEqual([13, 103, 1_003, 5_003, 20_003]);
    for (const mode of ['ipvs', 'nftables']) expect(new Set(SERVICE_COUNTS.map(costOf(mode))).size).toBe(1);
  });

  it('was measured in the same order of growth', () => {
    const first = (text: string) => Number.parseFloat(text);
    const [few, many] = [MEASURED[0]!, MEASURED.at(-1)!];
    expect(first(many.iptablesNft) / first(few.iptablesNft)).toBeGreaterThan(10);
    expect(first(many.nftablesMap) / first(few.nftablesMap)).toBeLessThan(1.1);
  });
});
