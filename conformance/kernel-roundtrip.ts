/**
 * Round trip of random rules through a real kernel: what Kubarium's netfilter prints, `iptables-restore --test` accepts,
 * and `iptables-save` of a kernel that has loaded it prints the same. Needs root and iptables (nf_tables backend), and
 * ipset for the rules with sets; exits 2 without them. Runs in a network namespace of its own.
 *
 *   node conformance/kernel-roundtrip.ts [--count 200] [--seed text]
 */
import { spawnSync } from 'node:child_process';
import { argv, execPath, getuid } from 'node:process';
import { parseArgs } from 'node:util';
import { Netfilter } from '../src/linux/netfilter/netfilter.ts';
import { Random } from '../src/sim/random.ts';
import { installExtras } from '../src/cluster/extras.ts';

installExtras();

const INSIDE = 'KUBARIUM_ROUNDTRIP_INSIDE';
const SETS = 'create KUBE-CLUSTER-IP hash:ip,port\ncreate KUBE-LOOP-BACK hash:ip,port,ip\n';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Draws rules. */
class Generator {
  readonly #random: Random;

  constructor(seed: string) {
    this.#random = new Random(seed);
  }

  pick<T>(list: readonly T[]): T {
    return list[this.#random.int(list.length)] as T;
  }

  chance(probability: number): boolean {
    return this.#random.float() < probability;
  }

  number(from: number, to: number): number {
    return from + this.#random.int(to - from + 1);
  }

  hash(): string {
    return Array.from({ length: 16 }, () => this.pick([...LETTERS])).join('');
  }

  address(): string {
    return this.pick([
      `10.${this.number(96, 111)}.${this.number(0, 255)}.${this.number(1, 254)}`,
      `10.244.${this.number(0, 9)}.${this.number(2, 254)}`,
      `192.168.50.${this.number(1, 254)}`,
    ]);
  }

  range(): string {
    return this.pick([this.address(), `${this.address()}/${this.number(1, 32)}`, '10.244.0.0/16', '127.0.0.0/8', '10.0.0.1/255.0.255.0']);
  }

  /** The rules of one Service as kube-proxy writes them. */
  service(number: number): { filter: string[]; nat: string[]; chains: string[] } {
    const protocol = this.pick(['tcp', 'udp', 'sctp']);
    const name = `ns-${this.number(0, 9)}/svc-${number}${this.pick(['', ':http', ':dns-tcp'])}`;
    const [ip, port] = [this.address(), this.number(1, 65_535)];
    const to = `-m ${protocol} -p ${protocol} -d ${ip} --dport ${port}`;
    const endpoints = Array.from({ length: this.number(0, 4) }, () => ({
      ip: this.address(),
      port: this.number(1, 65_535),
      chain: `KUBE-SEP-${this.hash()}`,
    }));
    if (endpoints.length === 0) {
      const end = this.pick([`-m addrtype --dst-type LOCAL -m ${protocol} -p ${protocol} --dport ${port} -j REJECT`, `${to} -j DROP`]);
      return { filter: [`-A KUBE-EXTERNAL-SERVICES -m comment --comment "${name} has no endpoints" ${end}`], nat: [], chains: [] };
    }
    const chain = `KUBE-SVC-${this.hash()}`;
    const nat = [
      `-A KUBE-SERVICES -m comment --comment "${name} cluster IP" ${to} -j ${chain}`,
      `-A ${chain} -m comment --comment "${name} cluster IP" ${to} ! -s ${this.range()} -j KUBE-MARK-MASQ`,
    ];
    const sticky = this.chance(0.3);
    endpoints.forEach((endpoint, index) => {
      const left = endpoints.length - index;
      const arrow = `-m comment --comment "${name} -> ${endpoint.ip}:${endpoint.port}"`;
      const recent = `-m recent --name ${endpoint.chain}`;
      if (sticky) nat.push(`-A ${chain} ${arrow} ${recent} --rcheck --seconds ${this.number(1, 86_400)} --reap -j ${endpoint.chain}`);
      const dice = left === 1 ? '' : `-m statistic --mode random --probability ${(1 / left).toFixed(10)} `;
      nat.push(`-A ${chain} ${arrow} ${dice}-j ${endpoint.chain}`);
      nat.push(`-A ${endpoint.chain} -m comment --comment ${name} -s ${endpoint.ip} -j KUBE-MARK-MASQ`);
      nat.push(
        `-A ${endpoint.chain} -m comment --comment ${name} ${sticky ? `${recent} --set ` : ''}-m ${protocol} -p ${protocol} -j DNAT --to-destination ${endpoint.ip}:${endpoint.port}`,
      );
    });
    return { filter: [], nat, chains: [chain, ...endpoints.map((endpoint) => endpoint.chain)] };
  }

  /** Any rule of the filter table. */
  filterRule(): string {
    const header = [
      this.chance(0.4) ? `${this.pick(['', '! '])}-s ${this.range()}` : '',
      this.chance(0.4) ? `${this.pick(['', '! '])}-d ${this.range()}` : '',
      this.chance(0.3) ? `${this.pick(['', '! '])}-i ${this.pick(['eth0', 'cni0', 'veth+', 'flannel.1'])}` : '',
      this.chance(0.3) ? `${this.pick(['', '! '])}-o ${this.pick(['eth0', 'cni0', 'cali+'])}` : '',
    ];
    const ports = this.pick([
      '',
      `-p tcp --dport ${this.number(1, 65_535)}`,
      `-p udp ! --sport ${this.number(1, 30_000)}:${this.number(30_001, 65_535)}`,
      `-p tcp -m multiport --dports 22,80,${this.number(1000, 2000)}:${this.number(2001, 3000)}`,
      '-p tcp --syn',
      '-p icmp --icmp-type echo-request',
      '! -p udp',
    ]);
    const matches = Array.from({ length: this.number(0, 3) }, () => this.match());
    const target = this.pick([
      '',
      '-j ACCEPT',
      '-j DROP',
      '-j RETURN',
      '-j REJECT',
      '-j KUBE-FIREWALL',
      '-g KUBE-FIREWALL',
      '-j LOG --log-prefix "a b: "',
      '-j MARK --or-mark 0x8000',
    ]);
    return `-A KUBE-FORWARD ${[...header, ports, ...matches, target].filter((part) => part !== '').join(' ')}`;
  }

  match(): string {
    return this.pick([
      `-m comment --comment "${this.pick(['plain', 'a b', 'it\\"s', 'x/y:z -> 1', '50%'])}"`,
      `-m conntrack ${this.pick(['', '! '])}--ctstate ${this.pick(['NEW', 'RELATED,ESTABLISHED', 'DNAT,NEW', 'INVALID'])}`,
      `-m mark ${this.pick(['', '! '])}--mark ${this.number(0, 70_000)}${this.pick(['', '/0x4000', '/0xffff'])}`,
      `-m addrtype ${this.pick(['', '! '])}--${this.pick(['src', 'dst'])}-type ${this.pick(['LOCAL', 'LOCAL,BROADCAST', 'UNICAST'])}`,
      `-m limit --limit ${this.number(1, 3000)}/${this.pick(['sec', 'min', 'hour', 'day'])} --limit-burst ${this.number(1, 20)}`,
      `-m statistic --mode random --probability ${this.#random.float().toFixed(8)}`,
      `-m statistic --mode nth --every ${this.number(3, 9)} --packet ${this.number(0, 2)}`,
      `-m set ${this.pick(['', '! '])}--match-set KUBE-CLUSTER-IP ${this.pick(['dst,dst', 'src,dst'])}`,
      `-m physdev ${this.pick(['', '! '])}--physdev-is-in`,
      `-m recent --${this.pick(['rcheck', 'update'])} --seconds ${this.number(1, 600)} --name R${this.number(1, 9)}`,
      `-m connmark --mark ${this.number(0, 255)}`,
      `-m ttl --ttl-lt ${this.number(1, 255)}`,
      `-m length --length ${this.number(1, 100)}:${this.number(101, 1500)}`,
    ]);
  }

  /** A whole ruleset, as text for iptables-restore. */
  ruleset(): string {
    const services = Array.from({ length: this.pick([1, 3, 10, 40, this.chance(0.1) ? 500 : 20]) }, (_, index) => this.service(index));
    const filterChains = ['KUBE-EXTERNAL-SERVICES', 'KUBE-FORWARD', 'KUBE-FIREWALL'];
    const natChains = ['KUBE-SERVICES', 'KUBE-MARK-MASQ', 'KUBE-POSTROUTING', ...services.flatMap(({ chains }) => chains)];
    const declare = (chains: readonly string[]) => chains.map((chain) => `:${chain} - [0:0]`);
    return [
      '*mangle',
      ...declare(['KUBE-PROXY-CANARY']),
      '-A FORWARD -p tcp -m tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu',
      'COMMIT',
      '*filter',
      `:FORWARD ${this.pick(['ACCEPT', 'DROP'])} [0:0]`,
      ...declare(filterChains),
      '-A INPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes externally-visible service portals" -j KUBE-EXTERNAL-SERVICES',
      '-A FORWARD -j KUBE-FORWARD',
      ...services.flatMap(({ filter }) => filter),
      ...Array.from({ length: this.number(0, 30) }, () => this.filterRule()),
      'COMMIT',
      '*nat',
      ...declare(natChains),
      '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
      '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
      '-A KUBE-MARK-MASQ -j MARK --or-mark 0x4000',
      '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
      '-A KUBE-POSTROUTING -j MARK --xor-mark 0x4000',
      '-A KUBE-POSTROUTING -m set --match-set KUBE-LOOP-BACK dst,dst,src -j MASQUERADE',
      `-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE${this.pick([' --random-fully', ''])}`,
      ...services.flatMap(({ nat }) => nat),
      'COMMIT',
      '',
    ].join('\n');
  }
}

function tool(command: string, words: readonly string[], input = ''): string {
  const { status, stdout, stderr, error } = spawnSync(command, words, { input, encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${words.join(' ')}: ${stderr}`);
  return stdout;
}

const withoutComments = (text: string): string[] => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

/** What is wrong with one seed's rules; undefined: nothing. */
function check(seed: string): string | undefined {
  const text = new Generator(seed).ruleset();
  const netfilter = new Netfilter();
  netfilter.sets.restore(SETS);
  const { exitCode, stderr } = netfilter.restore(text);
  if (exitCode !== 0) return `Kubarium refuses it: ${stderr}`;
  const ours = netfilter.save();
  tool('iptables-restore', ['--test'], ours);
  tool('iptables-restore', [], text);
  const theirs = withoutComments(tool('iptables-save', []));
  tool('iptables-restore', [], ours);
  const again = withoutComments(tool('iptables-save', []));
  const mine = withoutComments(ours);
  const at = mine.findIndex((line, index) => line !== theirs[index] || line !== again[index]);
  if (at < 0 && mine.length === theirs.length && mine.length === again.length) return undefined;
  return `line ${at + 1}\n  Kubarium: ${mine[at] ?? ''}\n  kernel:   ${theirs[at] ?? ''}\n  reloaded: ${again[at] ?? ''}`;
}

function runAll(count: number, seed: string): number {
  tool('ipset', ['restore'], SETS);
  let failed = 0;
  for (let index = 0; index < count; index++) {
    const name = `${seed}-${index}`;
    let problem: string | undefined;
    try {
      problem = check(name);
    } catch (error) {
      problem = String(error);
    }
    if (problem === undefined) continue;
    failed++;
    console.log(`${name}: ${problem}`);
  }
  console.log(`kernel round trips: ${count - failed} passed, ${failed} failed (seed ${seed})`);
  return failed === 0 ? 0 : 1;
}

function main(): number {
  const { values } = parseArgs({ options: { count: { type: 'string', default: '200' }, seed: { type: 'string', default: 'kubarium' } } });
  if (process.env[INSIDE] !== undefined) return runAll(Number(values.count), values.seed);
  const missing = ['iptables-restore', 'ipset', 'unshare'].filter((name) => spawnSync(name, ['--version']).error !== undefined);
  if (getuid?.() !== 0 || missing.length > 0) {
    console.log(`kernel round trips need root, iptables, ipset and unshare${missing.length > 0 ? `; missing: ${missing.join(', ')}` : ''}`);
    return 2;
  }
  const inside = spawnSync('unshare', ['-n', execPath, ...argv.slice(1)], { stdio: 'inherit', env: { ...process.env, [INSIDE]: '1' } });
  return inside.status ?? 1;
}

process.exitCode = main();
