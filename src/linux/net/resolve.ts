/** Looking up host names as a C library does: numbers as they are, then /etc/hosts, then DNS, which a machine's hook answers. */
import type { Process } from '../process.ts';
import { type Ipv4, LOCALHOST, parseIpv4 } from './ipv4.ts';

/** What a lookup found, and after how many ms. */
export type ResolveOutcome =
  /** `name`: the full name that had an answer. */
  | { readonly addresses: readonly Ipv4[]; readonly name?: string; readonly afterMs?: number }
  /** "not found": NXDOMAIN; "no answer": no server answered (EAI_AGAIN). */
  | { readonly error: 'not found' | 'no answer'; readonly afterMs?: number };

/** Asks DNS for a name on behalf of a process, whose /etc/resolv.conf says whom and with which suffixes. */
export type Resolver = (process: Process, name: string) => ResolveOutcome;

const NO_DNS: ResolveOutcome = { error: 'no answer' };

/** Looks `name` up as `process` sees it. */
export function lookup(process: Process, name: string): ResolveOutcome {
  const literal = parseIpv4(name);
  if (literal !== undefined) return { addresses: [literal] };
  const fromFile = lookupHosts(process.context.fs.read('/etc/hosts') ?? '', name);
  if (fromFile !== undefined) return { addresses: [fromFile] };
  if (name === 'localhost') return { addresses: [LOCALHOST] };
  if (name === process.context.hostname) {
    const own = process.context.netns.addresses[0];
    if (own !== undefined) return { addresses: [own] };
  }
  return process.machine.resolver?.(process, name) ?? NO_DNS;
}

/** The first IPv4 address that a hosts file has for a name. */
function lookupHosts(hosts: string, name: string): Ipv4 | undefined {
  for (const line of hosts.split('\n')) {
    const [address = '', ...names] = (line.split('#')[0] ?? '').trim().split(/\s+/);
    if (names.includes(name)) {
      const ip = parseIpv4(address);
      if (ip !== undefined) return ip;
    }
  }
  return undefined;
}
