import { describe, expect, it } from 'vitest';
import { formatIpv4, parseIpv4 } from '../../linux/net/ipv4.ts';
import { HostLocal } from './host-local.ts';

describe('host-local', () => {
  it('starts after the gateway and goes on after the last reserved address', () => {
    const store = new HostLocal('10.244.1.0/24');
    const next = (id: string) => formatIpv4(store.allocate(id).ip);
    expect([next('a'), next('b')]).toEqual(['10.244.1.2', '10.244.1.3']);
    store.release(parseIpv4('10.244.1.2')!, 'a');
    expect(next('c')).toBe('10.244.1.4');
  });

  it('wraps, and says when the range is full', () => {
    const store = new HostLocal('10.244.1.0/29');
    for (let index = 2; index <= 6; index++) store.allocate(`c${index}`);
    expect(() => store.allocate('x')).toThrow(
      'failed to allocate for range 0: no IP addresses available in range set: 10.244.1.1-10.244.1.6',
    );
    store.release(parseIpv4('10.244.1.3')!, 'c3');
    expect(formatIpv4(store.allocate('y').ip)).toBe('10.244.1.3');
  });

  it('gives a requested address once', () => {
    const store = new HostLocal('10.244.1.0/24');
    expect(formatIpv4(store.allocate('a', '10.244.1.9').ip)).toBe('10.244.1.9');
    expect(() => store.allocate('b', '10.244.1.9')).toThrow(
      'requested IP address 10.244.1.9 is not available in range set 10.244.1.1-10.244.1.254',
    );
    expect(formatIpv4(store.allocate('c').ip)).toBe('10.244.1.10');
  });

  it('frees an address only for its owner', () => {
    const store = new HostLocal('10.244.1.0/24');
    const { ip } = store.allocate('a');
    store.release(ip, 'b');
    expect(store.size).toBe(1);
  });
});
