import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sha256Base32, sha256Hex } from './sha256.ts';

describe('sha256', () => {
  it.each([
    ['ns1/svc1:p80tcp', 'XPGD46QRK7WJZT7O'],
    ['ns1/svc1:p80tcp10.180.0.1:80', 'SXIVWICOYRO3J4NJ'],
    ['ns1/svc1:p80sctp', 'GFCIFIA5VTFSTMSM'],
    ['default/kubernetes:httpstcp', 'NPX46M4PTMTKRN6Y'],
    ['kube-system/kube-dns:dnsudp', 'TCOU7JCQXEZGVUNU'],
  ])('%s is %s, as in chains of real clusters', (text, expected) => {
    expect(sha256Base32(text)).toBe(expected);
  });

  it('agrees with another implementation at every length around the block size', () => {
    for (let length = 0; length < 200; length++) {
      const text = 'abcdefghij0123456789/'.repeat(10).slice(0, length);
      expect(sha256Hex(text)).toBe(createHash('sha256').update(text).digest('hex'));
    }
  });
});
