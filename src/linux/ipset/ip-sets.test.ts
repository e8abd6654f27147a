/** Texts as ipset 7.17 printed them on a real kernel; members in the order in which they were added. */
import { describe, expect, it } from 'vitest';
import { parseIpv4 } from '../net/ipv4.ts';
import { Packet } from '../net/packet.ts';
import { IpSets } from './ip-sets.ts';

const run = (sets: IpSets, line: string, now = 0) => sets.command(line.split(' '), { now });

function made(...lines: readonly string[]): IpSets {
  const sets = new IpSets();
  const result = sets.restore(`${lines.join('\n')}\n`);
  if (result.exitCode !== 0) throw new Error(result.stderr);
  return sets;
}

const tcp = (source: string, sourcePort: number, destination: string, destinationPort: number): Packet =>
  new Packet({ protocol: 'TCP', source: parseIpv4(source) ?? 0, destination: parseIpv4(destination) ?? 0, sourcePort, destinationPort });

describe('ipset save', () => {
  it.each([
    ['create a hash:ip', 'create a hash:ip family inet hashsize 1024 maxelem 65536 bucketsize 12 initval'],
    [
      'create a hash:ip,port family inet hashsize 1024 maxelem 65536',
      'create a hash:ip,port family inet hashsize 1024 maxelem 65536 bucketsize',
    ],
    ['create a hash:ip,port,net comment', 'create a hash:ip,port,net family inet hashsize 1024 maxelem 65536 comment bucketsize'],
    ['create a hash:net timeout 300', 'create a hash:net family inet hashsize 1024 maxelem 65536 timeout 300 bucketsize'],
    ['create a hash:ip counters', 'create a hash:ip family inet hashsize 1024 maxelem 65536 counters bucketsize'],
    ['create a hash:ip netmask 24', 'create a hash:ip family inet hashsize 1024 maxelem 65536 netmask 24 bucketsize'],
    ['create a hash:ip hashsize 1000 maxelem 2', 'create a hash:ip family inet hashsize 1024 maxelem 2 bucketsize'],
    ['create a bitmap:port range 0-65535', 'create a bitmap:port range 0-65535\n'],
    ['create a list:set', 'create a list:set size 8\n'],
  ])('%s', (line, printed) => {
    expect(made(line).save()).toContain(printed);
  });

  it.each([
    ['hash:ip', '10.0.0.0/30', ['10.0.0.0', '10.0.0.1', '10.0.0.2', '10.0.0.3']],
    ['hash:ip netmask 24', '10.0.0.5', ['10.0.0.0']],
    ['hash:ip,port', '10.96.0.10,53', ['10.96.0.10,tcp:53']],
    ['hash:ip,port', '10.96.0.11,sctp:80-82', ['10.96.0.11,sctp:80', '10.96.0.11,sctp:81', '10.96.0.11,sctp:82']],
    ['hash:ip,port,ip', '10.0.0.1,tcp:80,10.0.0.1', ['10.0.0.1,tcp:80,10.0.0.1']],
    ['hash:ip,port,net comment', '10.0.0.1,udp:80,10.9.9.9/8 comment "foo bar"', ['10.0.0.1,udp:80,10.0.0.0/8 comment "foo bar"']],
    ['hash:net', '1.1.1.1', ['1.1.1.1']],
    ['hash:net timeout 300', '10.1.0.0/16 timeout 10 nomatch', ['10.1.0.0/16 timeout 10 nomatch']],
    ['hash:net,port', '10.0.0.0/8,tcp:80', ['10.0.0.0/8,tcp:80']],
    ['bitmap:port range 0-65535', '100-102', ['100', '101', '102']],
    ['bitmap:port range 0-65535', 'tcp:5', ['5']],
    ['hash:ip counters', '9.9.9.9', ['9.9.9.9 packets 0 bytes 0']],
  ])('%s: add %s', (type, member, printed) => {
    const lines = made(`create s ${type}`, `add s ${member}`).save('s').trim().split('\n');
    expect(lines.slice(1)).toEqual(printed.map((text) => `add s ${text}`));
  });
});

describe('ipset list', () => {
  it('tells all of a set', () => {
    const sets = made('create a hash:ip', 'add a 1.2.3.4', 'create g list:set', 'add g a');
    const lines = run(sets, 'list a').stdout.split('\n');
    expect([...lines.slice(0, 3), ...lines.slice(5)]).toEqual([
      'Name: a',
      'Type: hash:ip',
      'Revision: 6',
      'References: 1',
      'Number of entries: 1',
      'Members:',
      '1.2.3.4',
      '',
    ]);
    expect(run(sets, 'list -n').stdout).toBe('a\ng\n');
    expect(run(sets, 'list -t g').stdout).toContain('Header: size 8\n');
  });
});

describe('errors', () => {
  const sets = () =>
    made(
      'create a hash:ip',
      'add a 1.2.3.4',
      'create p hash:ip,port',
      'create f bitmap:port range 0-65535',
      'create g list:set',
      'add g a',
      'create m hash:ip maxelem 1',
      'add m 1.1.1.1',
    );
  it.each([
    ['add a 1.2.3.4', 1, "ipset v7.17: Element cannot be added to the set: it's already added\n"],
    ['del a 1.1.1.1', 1, "ipset v7.17: Element cannot be deleted from the set: it's not added\n"],
    ['create a hash:ip', 1, 'ipset v7.17: Set cannot be created: set with the same name already exists\n'],
    ['-exist create a hash:net', 1, 'ipset v7.17: Set cannot be created: set with the same name already exists\n'],
    ['create z foo:bar', 1, "ipset v7.17: Syntax error: typename 'foo:bar' is unknown\n"],
    [
      'create averyveryveryveryverylongsetnamexxxx hash:ip',
      1,
      "ipset v7.17: Syntax error: setname 'averyveryveryveryverylongsetnamexxxx' is longer than 31 characters\n",
    ],
    ['destroy nosuch', 1, 'ipset v7.17: The set with the given name does not exist\n'],
    ['destroy a', 1, 'ipset v7.17: Set cannot be destroyed: it is in use by a kernel component\n'],
    ['add a foo', 1, 'ipset v7.17: Syntax error: cannot parse foo: resolving to IPv4 address failed\n'],
    ['add a 1.1.1.1,tcp:80', 1, 'ipset v7.17: Syntax error: Elem separator in 1.1.1.1,tcp:80, but settype hash:ip supports none.\n'],
    ['add p 1.1.1.1', 1, 'ipset v7.17: Syntax error: Second element is missing from 1.1.1.1.\n'],
    ['add g nosuch', 1, 'ipset v7.17: Set to be added/deleted/tested as element does not exist.\n'],
    ['add m 1.1.1.2', 1, 'ipset v7.17: Hash is full, cannot add more elements\n'],
    ['rename a b', 1, 'ipset v7.17: Set cannot be renamed: it is in use by another system\n'],
    ['swap a b', 1, 'ipset v7.17: Sets cannot be swapped: the second set does not exist\n'],
    ['create b bitmap:port', 2, "ipset v7.17: Mandatory option `range' is missing\nTry `ipset help' for more information.\n"],
    ['foo', 2, "ipset v7.17: No command specified: unknown argument foo\nTry `ipset help' for more information.\n"],
    ['-exist add a 1.2.3.4', 0, ''],
    ['del a 1.1.1.1 -exist', 0, ''],
    ['test a 1.2.3.4', 0, 'Warning: 1.2.3.4 is in set a.\n'],
    ['test a 1.2.3.5', 1, '1.2.3.5 is NOT in set a.\n'],
  ])('%s', (line, exitCode, stderr) => {
    const result = run(sets(), line);
    expect([result.exitCode, result.stderr]).toEqual([exitCode, stderr]);
  });

  it('say the line in restore, and what was before it stays', () => {
    const some = new IpSets();
    expect(some.restore('create x hash:ip\nadd x 1.1.1.1\nadd x 1.1.1.1\n').stderr).toBe(
      "ipset v7.17: Error in line 3: Element cannot be added to the set: it's already added\n",
    );
    expect(some.has('x')).toBe(true);
  });
});

describe('look-ups', () => {
  const there = tcp('10.0.0.1', 1000, '10.96.0.1', 80);
  it.each([
    ['hash:ip', '10.0.0.1', [true], true],
    ['hash:ip', '10.0.0.1', [false], false],
    ['hash:ip,port', '10.96.0.1,tcp:80', [false, false], true],
    ['hash:ip,port', '10.96.0.1,udp:80', [false, false], false],
    ['hash:ip,port', '10.96.0.1,tcp:80', [false], false],
    ['hash:ip,port,ip', '10.96.0.1,tcp:80,10.0.0.1', [false, false, true], true],
    ['hash:ip,port,net', '10.96.0.1,tcp:80,10.0.0.0/24', [false, false, true], true],
    ['hash:net', '10.0.0.0/8', [true], true],
    ['hash:net,port', '10.96.0.0/12,tcp:80', [false, false], true],
    ['bitmap:port range 0-65535', '80', [false], true],
    ['bitmap:port range 0-65535', '80', [true], false],
  ])('%s with %s by %j', (type, member, sources, found) => {
    expect(made(`create s ${type}`, `add s ${member}`).test('s', sources, there, 0)).toBe(found);
  });

  it('takes the longest prefix, and nomatch says no', () => {
    const sets = made('create s hash:net', 'add s 10.0.0.0/8', 'add s 10.0.0.0/24 nomatch');
    expect(sets.test('s', [true], there, 0)).toBe(false);
    expect(sets.test('s', [false], there, 0)).toBe(true);
  });

  it('looks into the sets of a list', () => {
    const sets = made('create a hash:ip', 'add a 10.0.0.1', 'create g list:set', 'add g a');
    expect(sets.test('g', [true], there, 0)).toBe(true);
  });

  it('forgets members when their time is over', () => {
    const sets = new IpSets();
    run(sets, 'create s hash:ip timeout 5', 1000);
    run(sets, 'add s 10.0.0.1', 1000);
    expect(sets.test('s', [true], there, 5999)).toBe(true);
    expect(sets.test('s', [true], there, 6000)).toBe(false);
    expect(run(sets, 'list -t s', 6000).stdout).toContain('Number of entries: 0');
  });
});
