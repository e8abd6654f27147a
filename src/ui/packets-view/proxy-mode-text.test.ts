import { describe, expect, it } from 'vitest';
import { modeIn, withMode } from './proxy-mode-text.ts';

describe('the proxy mode in config.conf', () => {
  it.each([
    ['kind: KubeProxyConfiguration\nmode: ipvs\nipvs:\n  scheduler: rr\n', 'ipvs'],
    ['mode: ""\n', 'iptables'],
    ['mode: "nftables"\n', 'nftables'],
    ['kind: KubeProxyConfiguration\n', 'iptables'],
    ['ipvs:\n  mode: x\n', 'iptables'],
  ])('%j says %s', (text, mode) => {
    expect(modeIn(text)).toBe(mode);
  });

  it('is replaced without touching anything else, or added', () => {
    expect(withMode('a: 1\nmode: ""\nb: 2\n', 'ipvs')).toBe('a: 1\nmode: ipvs\nb: 2\n');
    expect(withMode('a: 1\n', 'nftables')).toBe('a: 1\nmode: nftables\n');
  });
});
