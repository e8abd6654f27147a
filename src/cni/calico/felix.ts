/**
 * felix of one node (`projectcalico/calico` felix): brings the policies that select the node's pods into its filter
 * table. Each pod has a chain for what it gets (cali-tw-…) and one for what it sends (cali-fw-…); these ask the chains
 * of the policies, and then, if no policy selects the pod in this direction, the profile of its namespace.
 */
// Differs: rules are brought up to date when a packet or somebody's look comes, at once after each change; upstream does it within 100 ms.
// Differs: the names of policies stand in the comment of the rule that drops; hashes of rules ("cali:…") are left out.
import type { Netfilter } from '../../linux/netfilter/netfilter.ts';
import { assert } from '../../apimachinery/assert.ts';
import { sha256Base32 } from '../../apimachinery/sha256.ts';
import { formatIpv4 } from '../../linux/net/ipv4.ts';
import type { PolicySet } from './ip-set.ts';
import type { CalicoPlugin, WorkloadEndpoint } from './plugin.ts';
import type { PolicyIndex } from './policy-index.ts';
import { ACCEPT_MARK, type PolicyChain, type PolicyChains } from './policy-rules.ts';

/** The mark that says: no policy of this tier has decided. */
const PASS_MARK = '0x0/0x20000';
const MAX_COMMENT = 255;
const MAX_CHAIN = 28;

const JUMPS = [
  '-I INPUT -j cali-INPUT',
  '-I FORWARD -j cali-FORWARD',
  '-I OUTPUT -j cali-OUTPUT',
  `-A FORWARD -m comment --comment "Policy explicitly accepted packet." -m mark --mark ${ACCEPT_MARK} -j ACCEPT`,
];

/** Chains that do not depend on pods; DefaultEndpointToHostAction is ACCEPT, as the manifests set it. */
const STATIC: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'cali-FORWARD',
    [
      '-A cali-FORWARD -j MARK --set-xmark 0x0/0xe0000',
      '-A cali-FORWARD -i cali+ -j cali-from-wl-dispatch',
      '-A cali-FORWARD -o cali+ -j cali-to-wl-dispatch',
    ],
  ],
  ['cali-INPUT', ['-A cali-INPUT -i cali+ -g cali-wl-to-host', `-A cali-INPUT -m mark --mark ${ACCEPT_MARK} -j ACCEPT`]],
  ['cali-OUTPUT', [`-A cali-OUTPUT -m mark --mark ${ACCEPT_MARK} -j ACCEPT`, '-A cali-OUTPUT -o cali+ -j RETURN']],
  [
    'cali-wl-to-host',
    [
      '-A cali-wl-to-host -j cali-from-wl-dispatch',
      '-A cali-wl-to-host -m comment --comment "Configured DefaultEndpointToHostAction" -j ACCEPT',
    ],
  ],
]);

/** Keeps one kernel in step. */
export class Felix {
  readonly #plugin: CalicoPlugin;
  readonly #index: PolicyIndex;
  #netfilter: Netfilter | undefined;
  #running = false;
  /** Whether the node hears of changes. */
  readonly #connected: () => boolean;
  /** chain → its rules as text, as the kernel has them. */
  #applied = new Map<string, string>();
  #sets = new Map<string, { set: PolicySet; version: number; entries: Set<string> }>();
  #seen = '';

  constructor(plugin: CalicoPlugin, index: PolicyIndex, connected: () => boolean) {
    this.#plugin = plugin;
    this.#index = index;
    this.#connected = connected;
  }

  /** calico-node runs: from now on the kernel follows. */
  start(netfilter: Netfilter): void {
    this.#running = true;
    if (this.#netfilter === netfilter) return;
    this.#netfilter = netfilter;
    this.#applied.clear();
    this.#sets.clear();
    this.#seen = '';
    netfilter.follow(() => this.sync());
  }

  /** calico-node has ended: rules stay as they are. */
  stop(): void {
    this.sync();
    this.#running = false;
  }

  /** Writes what has changed. */
  sync(): void {
    const netfilter = this.#netfilter;
    if (!this.#running || netfilter === undefined || !this.#index.hasSynced || !this.#connected()) return;
    const seen = `${this.#index.generation} ${this.#plugin.version}`;
    if (seen === this.#seen) return;
    this.#seen = seen;
    this.#write(netfilter);
  }

  #write(netfilter: Netfilter): void {
    const { chains, sets } = this.#wanted();
    this.#writeSets(netfilter, sets);
    const lines: string[] = [];
    const rules: string[] = [];
    const next = new Map<string, string>();
    for (const [name, text] of chains) {
      const joined = text.join('\n');
      next.set(name, joined);
      if (this.#applied.get(name) === joined) continue;
      lines.push(`:${name} - [0:0]`);
      rules.push(...text);
    }
    const gone = [...this.#applied.keys()].filter((name) => !next.has(name));
    for (const name of gone) lines.push(`:${name} - [0:0]`);
    if (this.#applied.size === 0) rules.push(...JUMPS);
    rules.push(...gone.map((name) => `-X ${name}`));
    if (lines.length > 0) {
      const { exitCode, stderr } = netfilter.restore(['*filter', ...lines, ...rules, 'COMMIT', ''].join('\n'), { noflush: true });
      assert(exitCode === 0, `felix: ${stderr}`);
    }
    this.#applied = next;
    this.#dropSets(netfilter, sets);
  }

  #wanted(): { chains: Map<string, readonly string[]>; sets: Set<PolicySet> } {
    const chains = new Map<string, readonly string[]>(STATIC);
    const sets = new Set<PolicySet>();
    const from: string[] = [];
    const to: string[] = [];
    for (const endpoint of this.#plugin.endpoints.values()) {
      const { device, namespace, pod } = endpoint;
      const policies = this.#index.policiesOf(namespace, pod);
      for (const policy of policies) {
        for (const set of policy.sets) sets.add(set);
        for (const chain of [policy.ingress, policy.egress]) if (chain !== undefined) chains.set(chain.name, chain.rules);
      }
      chains.set(profileChain('pri', namespace), profileRules('pri', namespace));
      chains.set(profileChain('pro', namespace), profileRules('pro', namespace));
      chains.set(
        `cali-tw-${device}`,
        endpointRules('tw', endpoint, policies, ({ ingress }) => ingress),
      );
      chains.set(
        `cali-fw-${device}`,
        endpointRules('fw', endpoint, policies, ({ egress }) => egress),
      );
      to.push(`-A cali-to-wl-dispatch -o ${device} -g cali-tw-${device}`);
      from.push(`-A cali-from-wl-dispatch -i ${device} -g cali-fw-${device}`);
    }
    const unknown = '-m comment --comment "Unknown interface" -j DROP';
    chains.set('cali-to-wl-dispatch', [...to.sort(), `-A cali-to-wl-dispatch ${unknown}`]);
    chains.set('cali-from-wl-dispatch', [...from.sort(), `-A cali-from-wl-dispatch ${unknown}`]);
    return { chains, sets };
  }

  #writeSets(netfilter: Netfilter, sets: ReadonlySet<PolicySet>): void {
    const lines: string[] = [];
    for (const set of sets) {
      let known = this.#sets.get(set.name);
      if (known === undefined) {
        lines.push(`create ${set.name} ${set.type} family inet maxelem 1048576`);
        this.#sets.set(set.name, (known = { set, version: -1, entries: new Set() }));
      }
      if (known.set === set && known.version === set.version) continue;
      for (const entry of known.entries) if (!set.members.has(entry)) lines.push(`del ${set.name} ${entry.replace(' nomatch', '')}`);
      for (const entry of set.members.keys()) if (!known.entries.has(entry)) lines.push(`add ${set.name} ${entry}`);
      this.#sets.set(set.name, { set, version: set.version, entries: new Set(set.members.keys()) });
    }
    restoreSets(netfilter, lines);
  }

  #dropSets(netfilter: Netfilter, sets: ReadonlySet<PolicySet>): void {
    const used = new Set([...sets].map(({ name }) => name));
    const gone = [...this.#sets.keys()].filter((name) => !used.has(name));
    for (const name of gone) this.#sets.delete(name);
    restoreSets(
      netfilter,
      gone.map((name) => `destroy ${name}`),
    );
  }
}

function restoreSets(netfilter: Netfilter, lines: readonly string[]): void {
  if (lines.length === 0) return;
  const { exitCode, stderr } = netfilter.sets.restore(`${lines.join('\n')}\n`, { exist: true });
  assert(exitCode === 0, `felix: ${stderr}`);
}

/** `cali-pri-kns.default`; a chain's name has at most 28 characters. */
function profileChain(prefix: 'pri' | 'pro', namespace: string): string {
  const name = `cali-${prefix}-kns.${namespace}`;
  return name.length <= MAX_CHAIN ? name : `cali-${prefix}-_${sha256Base32(namespace)}`;
}

function profileRules(prefix: 'pri' | 'pro', namespace: string): readonly string[] {
  const chain = profileChain(prefix, namespace);
  const comment = `-m comment --comment "Profile kns.${namespace} ${prefix === 'pri' ? 'ingress' : 'egress'}"`;
  return [`-A ${chain} ${comment} -j MARK --set-xmark ${ACCEPT_MARK}`, `-A ${chain} ${comment} -m mark --mark ${ACCEPT_MARK} -j RETURN`];
}

/** The chain of one pod and direction (`felix/rules/endpoints.go`, endpointIptablesChain). */
function endpointRules(
  prefix: 'tw' | 'fw',
  { device, namespace, pod, ip }: WorkloadEndpoint,
  policies: readonly PolicyChains[],
  chainOf: (policy: PolicyChains) => PolicyChain | undefined,
): readonly string[] {
  const start = `-A cali-${prefix}-${device}`;
  const comment = (text: string) => `-m comment --comment "${text.slice(0, MAX_COMMENT)}"`;
  const returned = (what: string) => `${start} ${comment(`Return if ${what} accepted`)} -m mark --mark ${ACCEPT_MARK} -j RETURN`;
  const rules = [
    `${start} ${comment(`Pod ${namespace}/${pod} ${formatIpv4(ip)}`)} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    `${start} -m conntrack --ctstate INVALID -j DROP`,
    `${start} -j MARK --set-xmark 0x0/0x10000`,
  ];
  if (prefix === 'fw') {
    rules.push(`${start} -p udp ${comment('Drop VXLAN encapped packets originating in workloads')} -m multiport --dports 4789 -j DROP`);
    rules.push(`${start} -p 4 ${comment('Drop IPinIP encapped packets originating in workloads')} -j DROP`);
  }
  const selecting = policies.filter((policy) => chainOf(policy) !== undefined);
  if (selecting.length > 0) {
    rules.push(`${start} ${comment('Start of policies')} -j MARK --set-xmark 0x0/0x20000`);
    for (const policy of selecting) {
      rules.push(`${start} -m mark --mark ${PASS_MARK} -j ${chainOf(policy)?.name ?? ''}`, returned('policy'));
    }
    const names = selecting.map(({ policy }) => policy).join(', ');
    rules.push(`${start} ${comment(`Drop if no policies passed packet: Policy ${names}`)} -m mark --mark ${PASS_MARK} -j DROP`);
  }
  const profile = profileChain(prefix === 'tw' ? 'pri' : 'pro', namespace);
  rules.push(`${start} -j ${profile}`, returned('profile'), `${start} ${comment('Drop if no profiles matched')} -j DROP`);
  return rules;
}
