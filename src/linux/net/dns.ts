/**
 * What DNS clients and servers say to each other (RFC 1035, RFC 2782). Names are full names with the dot at their end;
 * data is in zone file form, as dig prints it.
 */

/** The record types that are known here. */
export type RecordType = 'A' | 'AAAA' | 'ANY' | 'CNAME' | 'HINFO' | 'MX' | 'NS' | 'PTR' | 'SOA' | 'SRV' | 'TXT';

/** The outcome of a question, as a server names it. */
export type Rcode = 'NOERROR' | 'FORMERR' | 'SERVFAIL' | 'NXDOMAIN' | 'NOTIMP' | 'REFUSED';

/** A resource record of class IN. `data`: "10.96.0.1", "0 100 443 web.default.svc.cluster.local.". */
export interface DnsRecord {
  readonly name: string;
  readonly type: RecordType;
  /** Seconds. */
  readonly ttl: number;
  readonly data: string;
}

/** A question of class IN. */
export interface DnsQuestion {
  /** "web.default.svc.cluster.local." */
  readonly name: string;
  readonly type: RecordType;
}

/** A question as a message. */
export interface DnsQuery extends DnsQuestion {
  readonly kind: 'dns';
  /** 0 to 65535. */
  readonly id: number;
}

/** An answer as a message. */
export interface DnsReply {
  readonly kind: 'dns';
  readonly rcode: Rcode;
  /** The flag aa. */
  readonly authoritative: boolean;
  readonly answers: readonly DnsRecord[];
  readonly authority: readonly DnsRecord[];
  readonly additional: readonly DnsRecord[];
  readonly delayMs?: number;
}

/** A DNS server's port. */
export const DNS_PORT = 53;

const NO_RECORDS: readonly DnsRecord[] = [];

/** An answer without records. */
export const emptyReply = (rcode: Rcode, authoritative = false): DnsReply => ({
  kind: 'dns',
  rcode,
  authoritative,
  answers: NO_RECORDS,
  authority: NO_RECORDS,
  additional: NO_RECORDS,
});

/** "web" and "web." as "web.". */
export const fullName = (name: string): string => (name.endsWith('.') ? name : `${name}.`);

/** Whether `name` lies in `zone` or is its top. Both are full names in lower case; "." holds every name. */
export const isInZone = (name: string, zone: string): boolean => zone === '.' || name === zone || name.endsWith(`.${zone}`);

/** "10.3.0.1" as "1.0.3.10.in-addr.arpa.", "2001:db8::1" as its nibbles in ip6.arpa; undefined for what is no address. */
export function reverseName(address: string): string | undefined {
  if (!address.includes(':')) {
    const bytes = address.split('.');
    const isAddress = bytes.length === 4 && bytes.every((byte) => /^(0|[1-9]\d{0,2})$/.test(byte) && Number(byte) < 256);
    return isAddress ? `${bytes.reverse().join('.')}.in-addr.arpa.` : undefined;
  }
  const groups = ipv6Groups(address);
  if (groups === undefined) return undefined;
  return `${groups.join('').split('').reverse().join('.')}.ip6.arpa.`;
}

/** "2001:db8::1" as eight groups of four digits. */
function ipv6Groups(address: string): string[] | undefined {
  const halves = address.toLowerCase().split('::');
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length > 2 || (halves.length === 1 ? missing !== 0 : missing < 1)) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...tail];
  return groups.every((group) => /^[0-9a-f]{1,4}$/.test(group)) ? groups.map((group) => group.padStart(4, '0')) : undefined;
}

/** A or AAAA: which record an address has. */
export const addressType = (address: string): 'A' | 'AAAA' => (address.includes(':') ? 'AAAA' : 'A');

/** Bytes of a message on the wire, without compression but for the names that repeat the question's. */
export function wireSize({ name }: DnsQuestion, records: readonly DnsRecord[] = NO_RECORDS): number {
  const HEADER = 12;
  const nameSize = (text: string) => (text === '.' ? 1 : text.length + 1);
  let size = HEADER + nameSize(name) + 4;
  for (const record of records) size += (record.name === name ? 2 : nameSize(record.name)) + 10 + dataSize(record);
  return size;
}

function dataSize({ type, data }: DnsRecord): number {
  if (type === 'A') return 4;
  if (type === 'AAAA') return 16;
  const fixed = type === 'SRV' ? 6 : type === 'SOA' ? 20 : type === 'MX' ? 2 : 0;
  const names = data.split(' ').filter((word) => !/^\d+$/.test(word));
  return names.reduce((sum, word) => sum + word.length + 1, fixed);
}
