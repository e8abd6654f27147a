import { describe, expect, it } from 'vitest';
import { purposeOf, ruleParts } from './rule-text.ts';

describe('a rule of iptables', () => {
  it.each([
    [
      '-d 10.96.7.1/32 -p tcp -m comment --comment "default/web cluster IP" -m tcp --dport 80 -j KUBE-SVC-X',
      'jump KUBE-SVC-X',
      { matches: '-d 10.96.7.1/32 -p tcp --dport 80', action: '→ KUBE-SVC-X', comment: 'default/web cluster IP' },
    ],
    [
      '-m comment --comment "default/web -> 10.244.2.7:80" -m statistic --mode random --probability 0.5 -j KUBE-SEP-Y',
      'jump KUBE-SEP-Y',
      { matches: '-m statistic --mode random --probability 0.5', action: '→ KUBE-SEP-Y', comment: 'default/web -> 10.244.2.7:80' },
    ],
    [
      '-p tcp -m comment --comment default/web -m tcp -j DNAT --to-destination 10.244.2.7:80',
      'DNAT',
      { matches: '-p tcp', action: 'DNAT --to-destination 10.244.2.7:80', comment: 'default/web' },
    ],
    ['-m mark ! --mark 0x4000/0x4000 -j RETURN', 'RETURN', { matches: '-m mark ! --mark 0x4000/0x4000', action: 'RETURN', comment: '' }],
    ['-g cali-fw-x', 'goto cali-fw-x', { matches: '', action: '→ cali-fw-x', comment: '' }],
    [
      'ip daddr . meta l4proto vmap @service-ips',
      'goto service-A',
      { matches: 'ip daddr . meta l4proto vmap @service-ips', action: '→ service-A', comment: '' },
    ],
    [undefined, 'policy ACCEPT', { matches: '', action: 'policy ACCEPT', comment: '' }],
  ])('%s', (text, target, parts) => {
    expect(ruleParts({ text, target })).toEqual(parts);
  });
});

describe('a chain', () => {
  it.each([
    ['PREROUTING', 'kernel'],
    ['KUBE-SERVICES', 'services'],
    ['KUBE-SVC-55LL6N33PHM7HQQR', 'service'],
    ['KUBE-SEP-4N', 'endpoint'],
    ['KUBE-EXTERNAL-SERVICES', 'externalServices'],
    ['KUBE-EXT-AB', 'external'],
    ['KUBE-NODE-PORT', 'nodePorts'],
    ['cali-tw-caliabc', 'policy'],
    ['endpoint-X-default/web/tcp/http__10.244.1.2/80', 'endpoint'],
    ['MINE', 'other'],
  ])('%s is known as %s', (chain, purpose) => {
    expect(purposeOf(chain)).toBe(purpose);
  });
});
