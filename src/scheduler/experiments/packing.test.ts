import { describe, expect, it } from 'vitest';
import { packingExperiment } from './packing.ts';

describe('the packing experiment', () => {
  it("finds what Borg's authors found: separate machines cost 20 to 30 % more", () => {
    const { medianOverheadPercent, mixed, separate } = packingExperiment({ seed: 'kubarium' });
    expect(medianOverheadPercent).toBeGreaterThanOrEqual(20);
    expect(medianOverheadPercent).toBeLessThanOrEqual(30);
    expect(separate).toBeGreaterThan(mixed);
  });

  it('has the same numbers for the same seed', () => {
    const options = { seed: 'again', production: 50, batch: 100 };
    expect(packingExperiment(options)).toEqual(packingExperiment(options));
  });
});
