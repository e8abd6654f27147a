import { describe, expect, it } from 'vitest';
import { reverseName } from './dns.ts';
import { isPublic } from './internet.ts';
import { parseIpv4 } from './ipv4.ts';
import { candidates, parseResolvConf } from './resolv-conf.ts';

describe('resolv.conf', () => {
  it('is read as glibc reads it', () => {
    const text =
      'search default.svc.x. svc.x\nnameserver 10.96.0.10\nnameserver 1\nnameserver 2\nnameserver 3\noptions ndots:5 timeout:2 attempts:99\n';
    expect(parseResolvConf(text)).toEqual({
      nameservers: ['10.96.0.10', '1', '2'],
      searches: ['default.svc.x', 'svc.x'],
      ndots: 5,
      timeoutSeconds: 2,
      attempts: 5,
    });
    expect(parseResolvConf('')).toMatchObject({ nameservers: ['127.0.0.1'], ndots: 1, timeoutSeconds: 5, attempts: 2 });
  });

  const conf = { ...parseResolvConf('search a b'), ndots: 2 };
  it.each([
    ['web', ['web.a.', 'web.b.', 'web.']],
    ['web.x', ['web.x.a.', 'web.x.b.', 'web.x.']],
    ['web.x.y', ['web.x.y.', 'web.x.y.a.', 'web.x.y.b.']],
    ['web.', ['web.']],
  ])('%s is looked for as %j', (name, names) => {
    expect(candidates(name, conf)).toEqual(names);
  });
});

describe('addresses', () => {
  it.each([
    ['10.3.0.1', '1.0.3.10.in-addr.arpa.'],
    ['2001:db8::1', `1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.`],
    ['1.2.3', undefined],
    ['x::y', undefined],
  ])('%s backwards is %s', (address, name) => {
    expect(reverseName(address)).toBe(name);
  });

  it.each([
    ['8.8.8.8', true],
    ['10.0.0.1', false],
    ['172.31.0.1', false],
    ['192.168.1.1', false],
    ['127.0.0.1', false],
    ['224.0.0.1', false],
    ['100.64.0.1', false],
  ])('%s is known to the Internet: %s', (address, expected) => {
    expect(isPublic(parseIpv4(address) ?? 0)).toBe(expected);
  });
});
