/** URLs, IP addresses and CIDR ranges in expressions (`k8s.io/apiserver/pkg/cel/library/{urls,ip,cidr}.go`). */
import { overload, traversal } from './functions.ts';
import type { Overload } from './functions.ts';
import { CelError, CelMap, CelList, Opaque } from './values.ts';
import type { Value } from './values.ts';

const IP = 'net.IP';
const CIDR = 'net.CIDR';
const URL_TYPE = 'kubernetes.URL';
/** Longest text that is looked at: no address is longer. */
const MAX_TEXT = 64;

interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}
type AddressValue = Opaque<Address>;
type Range = Opaque<{ readonly address: Address; readonly prefix: number }>;

function parseV4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return undefined;
  return parts.reduce((value, part) => value * 256n + BigInt(part), 0n);
}

function parseV6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groupsOf = (half: string | undefined): bigint[] | undefined => {
    if (half === undefined || half === '') return [];
    const groups: bigint[] = [];
    const parts = half.split(':');
    for (const [index, part] of parts.entries()) {
      const v4 = index === parts.length - 1 && part.includes('.') ? parseV4(part) : undefined;
      if (v4 !== undefined) groups.push(v4 >> 16n, v4 & 0xffffn);
      else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(BigInt(`0x${part}`));
      else return undefined;
    }
    return groups;
  };
  const [head, tail] = [groupsOf(halves[0]), groupsOf(halves[1])];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  return [...head, ...Array.from({ length: missing }, () => 0n), ...tail].reduce((value, group) => (value << 16n) + group, 0n);
}

function parseAddress(text: string): Address | undefined {
  if (text.length > MAX_TEXT) return undefined;
  const v4 = parseV4(text);
  if (v4 !== undefined) return { bits: 32, value: v4 };
  const v6 = text.includes(':') ? parseV6(text) : undefined;
  // Upstream allows no IPv4-mapped addresses.
  return v6 === undefined || v6 >> 32n === 0xffffn ? undefined : { bits: 128, value: v6 };
}

function addressText({ bits, value }: Address): string {
  if (bits === 32) return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  let [start, length] = [-1, 1];
  for (let index = 0; index < 8; index++) {
    let end = index;
    while (groups[end] === '0') end++;
    if (end - index > length) [start, length] = [index, end - index];
  }
  if (start < 0) return groups.join(':');
  return `${groups.slice(0, start).join(':')}::${groups.slice(start + length).join(':')}`;
}

const addressValue = (address: Address): AddressValue => new Opaque(IP, address, addressText(address));

function ip(text: string): AddressValue {
  const address = parseAddress(text);
  if (address === undefined)
    throw new CelError(
      `IP Address ${JSON.stringify(text)} parse error during conversion from string: ParseAddr(${JSON.stringify(text)}): unable to parse IP`,
    );
  return addressValue(address);
}

function tryRange(text: string): Range | undefined {
  const match = text.length > MAX_TEXT ? null : /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text);
  const address = match === null ? undefined : parseAddress(match[1] ?? '');
  const prefix = Number(match?.[2]);
  if (address === undefined || prefix > address.bits) return undefined;
  return rangeValue(address, prefix);
}

const rangeValue = (address: Address, prefix: number): Range => new Opaque(CIDR, { address, prefix }, `${addressText(address)}/${prefix}`);

function cidr(text: string): Range {
  const range = tryRange(text);
  if (range === undefined)
    throw new CelError(`network address parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(text)}): no '/'`);
  return range;
}

const masked = ({ bits, value }: Address, prefix: number): bigint => (value >> BigInt(bits - prefix)) << BigInt(bits - prefix);

function containsAddress({ value: { address, prefix } }: Range, { value: other }: AddressValue): boolean {
  return address.bits === other.bits && masked(address, prefix) === masked(other, prefix);
}

function containsRange(outer: Range, inner: Range): boolean {
  return inner.value.prefix >= outer.value.prefix && containsAddress(outer, addressValue(inner.value.address));
}

const inRange = (range: string) => (address: AddressValue) => containsAddress(cidr(range), address);
const either = (v4: string, v6: string) => (address: AddressValue) => inRange(address.value.bits === 32 ? v4 : v6)(address);
const isUnspecified = ({ value }: AddressValue): boolean => value.value === 0n;
const isLoopback = either('127.0.0.0/8', '::1/128');
const isLinkLocalUnicast = either('169.254.0.0/16', 'fe80::/10');
const isMulticast = either('224.0.0.0/4', 'ff00::/8');
const isLinkLocalMulticast = (address: AddressValue): boolean =>
  address.value.bits === 32 ? inRange('224.0.0.0/24')(address) : (address.value.value >> 112n) % 16n === 2n && isMulticast(address);

function isGlobalUnicast(address: AddressValue): boolean {
  const broadcast = address.value.bits === 32 && address.value.value === 0xffffffffn;
  return !broadcast && !isUnspecified(address) && !isLoopback(address) && !isMulticast(address) && !isLinkLocalUnicast(address);
}

const textCost = (text: string): number => traversal(text.length);

/** `library.IP()` and `library.CIDR()`. */
export function addressLibrary(): readonly Overload[] {
  return [
    overload(`ip(string): ${IP}`, ip, textCost),
    overload('isIP(string): bool', (text: string) => parseAddress(text) !== undefined, textCost),
    overload('ip::isCanonical(string): bool', (text: string) => addressText(ip(text).value) === text, textCost),
    overload(`string(${IP}): string`, ({ key }: AddressValue) => key),
    overload(`${IP}.family(): int`, ({ value }: AddressValue) => (value.bits === 32 ? 4n : 6n)),
    overload(`${IP}.isUnspecified(): bool`, isUnspecified),
    overload(`${IP}.isLoopback(): bool`, isLoopback),
    overload(`${IP}.isLinkLocalMulticast(): bool`, isLinkLocalMulticast),
    overload(`${IP}.isLinkLocalUnicast(): bool`, isLinkLocalUnicast),
    overload(`${IP}.isGlobalUnicast(): bool`, isGlobalUnicast),
    overload(`cidr(string): ${CIDR}`, cidr, textCost),
    overload('isCIDR(string): bool', (text: string) => tryRange(text) !== undefined, textCost),
    overload(`string(${CIDR}): string`, ({ key }: Range) => key),
    overload(`${CIDR}.containsIP(${IP}): bool`, containsAddress),
    overload(`${CIDR}.containsIP(string): bool`, (range: Range, text: string) => containsAddress(range, ip(text))),
    overload(`${CIDR}.containsCIDR(${CIDR}): bool`, containsRange),
    overload(`${CIDR}.containsCIDR(string): bool`, (range: Range, text: string) => containsRange(range, cidr(text))),
    overload(`${CIDR}.ip(): ${IP}`, ({ value }: Range) => addressValue(value.address)),
    overload(`${CIDR}.masked(): ${CIDR}`, ({ value: { address, prefix } }: Range) =>
      rangeValue({ ...address, value: masked(address, prefix) }, prefix),
    ),
    overload(`${CIDR}.prefixLength(): int`, ({ value }: Range) => BigInt(value.prefix)),
  ];
}

interface UrlParts {
  scheme: string;
  host: string;
  path: string;
  query: string;
}
type UrlValue = Opaque<UrlParts>;
const URL_PATTERN = /^([a-zA-Z][a-zA-Z0-9+.-]*):(?:\/\/(?:[^/?#@]*@)?([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#.*)?$/s;

/** As Go's `url.ParseRequestURI`: absolute, or a path that begins with a slash. */
function tryUrl(text: string): UrlValue | undefined {
  if (/[\s\x00-\x1f\x7f]/.test(text) || /%(?![0-9a-fA-F]{2})/.test(text)) return undefined;
  if (text.startsWith('/')) {
    const [path = '', query = ''] = text.split('?', 2);
    return new Opaque(URL_TYPE, { scheme: '', host: '', path, query }, text);
  }
  const match = URL_PATTERN.exec(text);
  if (match === null) return undefined;
  const [, scheme = '', host = '', path = '', query = ''] = match;
  if (/:[^\]]*[^\d\]][^\]]*$/.test(host.replace(/^\[[^\]]*\]/, ''))) return undefined;
  return new Opaque(URL_TYPE, { scheme: scheme.toLowerCase(), host, path, query }, text);
}

function url(text: string): UrlValue {
  const parsed = tryUrl(text);
  if (parsed === undefined)
    throw new CelError(`URL parse error during conversion from string: parse ${JSON.stringify(text)}: invalid URI for request`);
  return parsed;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

function queryOf({ value }: UrlValue): Value {
  const values = new Map<string, string[]>();
  for (const pair of value.query.split('&').filter(Boolean)) {
    const [name = '', ...rest] = pair.split('=');
    const key = decoded(name);
    values.set(key, [...(values.get(key) ?? []), decoded(rest.join('='))]);
  }
  return new CelMap(new Map([...values].map(([key, list]) => [`s${key}`, [key, new CelList(list)] as const])));
}

const portOf = (host: string): string => /:(\d*)$/.exec(host.replace(/^\[[^\]]*\]/, ''))?.[1] ?? '';

/** `library.URLs()`. */
export function urlLibrary(): readonly Overload[] {
  return [
    overload(`url(string): ${URL_TYPE}`, url, textCost),
    overload('isURL(string): bool', (text: string) => tryUrl(text) !== undefined, textCost),
    overload(`${URL_TYPE}.getScheme(): string`, ({ value }: UrlValue) => value.scheme),
    overload(`${URL_TYPE}.getHost(): string`, ({ value }: UrlValue) => value.host),
    overload(`${URL_TYPE}.getHostname(): string`, ({ value }: UrlValue) => value.host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1')),
    overload(`${URL_TYPE}.getPort(): string`, ({ value }: UrlValue) => portOf(value.host)),
    overload(`${URL_TYPE}.getEscapedPath(): string`, ({ value }: UrlValue) => value.path),
    overload(`${URL_TYPE}.getQuery(): map<string, list<string>>`, queryOf),
  ];
}
