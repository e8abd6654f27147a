import { describe, expect, it } from 'vitest';
import { withProfile, withWeights } from './profile-text.ts';

const CONFIG = `apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
# kept
percentageOfNodesToScore: 0
profiles:
- schedulerName: default-scheduler
  plugins:
    multiPoint:
      enabled: []
      disabled: []
`;

describe('withWeights', () => {
  it('adds weights and keeps the rest, comments too', () => {
    expect(withWeights(CONFIG, 'default-scheduler', { ImageLocality: 5 })).toBe(
      CONFIG.replace('      enabled: []\n', '      enabled:\n      - name: ImageLocality\n        weight: 5\n'),
    );
  });

  it('changes a weight that is there', () => {
    const once = withWeights(CONFIG, 'default-scheduler', { ImageLocality: 5 });
    expect(withWeights(once, 'default-scheduler', { ImageLocality: 2 })).toBe(once.replace('weight: 5', 'weight: 2'));
  });

  it('leaves a score of weight 0 out, and takes it in again', () => {
    const off = withWeights(CONFIG, 'default-scheduler', { ImageLocality: 0 });
    expect(off).toContain('    score:\n      disabled:\n      - name: ImageLocality\n');
    expect(withWeights(off, 'default-scheduler', { ImageLocality: 1 })).toContain('disabled: []');
  });

  it('begins a configuration, and a profile, where there is none', () => {
    expect(withWeights('', 'batch', { NodeResourcesFit: 3 })).toContain(
      'profiles:\n- schedulerName: batch\n  plugins:\n    multiPoint:\n      enabled:\n      - name: NodeResourcesFit\n        weight: 3\n',
    );
  });

  it('refuses what is no YAML', () => {
    expect(() => withWeights('a: [', 'x', {})).toThrow();
  });
});

describe('a whole profile in the text', () => {
  it('takes the place of the one of its name, and leaves the others', () => {
    const text = withProfile('# mine\nprofiles:\n- schedulerName: other\n- plugins: {}\n', 'default-scheduler', { policy: {} });
    expect(text).toBe('# mine\nprofiles:\n- schedulerName: other\n- schedulerName: default-scheduler\n  policy: {}\n');
  });
  it('begins a configuration where there is none', () => {
    expect(withProfile('', 'default-scheduler', { borg: { placement: 'Hybrid' } })).toContain(
      'profiles:\n- schedulerName: default-scheduler\n  borg:\n    placement: Hybrid\n',
    );
  });
});
