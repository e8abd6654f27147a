/** The `hosts` plugin (`coredns/plugin/hosts`): names from a file in the form of /etc/hosts, and from the Corefile. */
import { addressType, emptyReply, fullName, isInZone, reverseName } from '../../linux/net/dns.ts';
import type { DnsQuestion, DnsReply } from '../../linux/net/dns.ts';
import type { HostsConfig } from './config.ts';

interface Entry {
  readonly ip: string;
  readonly names: readonly string[];
}

function entriesOf(text: string): Entry[] {
  const entries: Entry[] = [];
  for (const line of text.split('\n')) {
    const [ip = '', ...names] = (line.split('#')[0] ?? '').trim().split(/\s+/);
    if (names.length > 0) entries.push({ ip, names: names.map((name) => fullName(name.toLowerCase())) });
  }
  return entries;
}

/** The answer; undefined when the next plugin is asked. `text`: the hosts file. A name that is not there is SERVFAIL, as upstream. */
export function answerFromHosts({ name, type }: DnsQuestion, config: HostsConfig, text: string): DnsReply | undefined {
  const lower = name.toLowerCase();
  const isReverse = lower.endsWith('.arpa.');
  if (isReverse ? !config.reverse : !config.zones.some((zone) => isInZone(lower, zone))) return undefined;
  const entries = [...config.inline, ...entriesOf(text)];
  const record = (data: string) => ({ name, type, ttl: config.ttl, data });
  if (isReverse) {
    const names = type === 'PTR' ? entries.filter(({ ip }) => reverseName(ip) === lower).flatMap((entry) => entry.names) : [];
    return names.length > 0 ? { ...emptyReply('NOERROR', true), answers: names.map(record) } : undefined;
  }
  const known = entries.filter(({ names }) => names.includes(lower));
  const answers = known.filter(({ ip }) => addressType(ip) === type).map(({ ip }) => record(ip));
  if (answers.length > 0 || known.length > 0) return { ...emptyReply('NOERROR', true), answers };
  return config.fallthrough?.some((zone) => isInZone(lower, zone)) ? undefined : emptyReply('SERVFAIL');
}
