/**
 * The Internet as far as it is simulated: a table of well-known names, the public resolvers that know them, and one
 * page for each. Addresses are examples of the real ones.
 */
// Differs: of the Internet only a small table of names is simulated; public resolvers answer NXDOMAIN for all others, and each known host serves one short page.
import { emptyReply } from '../../linux/net/dns.ts';
import type { DnsQuestion, DnsReply } from '../../linux/net/dns.ts';
import type { Internet } from '../../linux/net/internet.ts';
import { formatIpv4 } from '../../linux/net/ipv4.ts';
import type { HttpRequest, Reply } from '../../linux/net/socket.ts';

/** Name → addresses. */
const HOSTS: Readonly<Record<string, readonly string[]>> = {
  'example.com.': ['93.184.215.14'],
  'www.example.com.': ['93.184.215.14'],
  'example.org.': ['93.184.215.14'],
  'example.net.': ['93.184.215.14'],
  'kubernetes.io.': ['15.197.167.90', '3.33.186.135'],
  'github.com.': ['140.82.121.3'],
  'google.com.': ['142.250.185.78'],
  'www.google.com.': ['142.250.186.100'],
  'cloudflare.com.': ['104.16.132.229', '104.16.133.229'],
  'one.one.one.one.': ['1.1.1.1', '1.0.0.1'],
  'dns.google.': ['8.8.8.8', '8.8.4.4'],
  'registry.k8s.io.': ['34.96.108.209'],
};
const ALIASES: Readonly<Record<string, string>> = { 'www.kubernetes.io.': 'kubernetes.io.', 'www.github.com.': 'github.com.' };
const RESOLVERS: ReadonlySet<string> = new Set(['8.8.8.8', '8.8.4.4', '1.1.1.1', '1.0.0.1', '9.9.9.9']);
const TTL = 300;
/** To the resolver and back. */
const DNS_MS = 12;
const HTTP_MS = 40;

/** Answers what the table knows. */
function resolve({ name, type }: DnsQuestion): DnsReply {
  const lower = name.toLowerCase();
  const alias = ALIASES[lower];
  const canonical = alias ?? lower;
  const addresses = HOSTS[canonical];
  const parents = Object.keys(HOSTS).some((known) => known.endsWith(`.${lower}`));
  const base = { ...emptyReply(addresses === undefined && !parents ? 'NXDOMAIN' : 'NOERROR'), delayMs: DNS_MS };
  if (addresses === undefined) return base;
  const cname = alias === undefined ? [] : [{ name, type: 'CNAME', ttl: TTL, data: alias } as const];
  const own = alias ?? name;
  const records = type === 'A' ? addresses.map((data) => ({ name: own, type: 'A', ttl: TTL, data }) as const) : [];
  return { ...base, answers: [...cname, ...records] };
}

function page({ host, path, method }: HttpRequest): Reply {
  const isExample = /^(www\.)?example\./.test(host);
  const title = isExample ? 'Example Domain' : host;
  const body = `<!doctype html>\n<html>\n<head>\n    <title>${title}</title>\n</head>\n<body>\n<h1>${title}</h1>\n</body>\n</html>\n`;
  const found = path === '/' || path === '/index.html';
  return { kind: 'http', status: found ? 200 : 404, contentType: 'text/html', body: method === 'HEAD' ? '' : body, delayMs: HTTP_MS };
}

/** The simulated Internet. */
export const simulatedInternet: Internet = {
  serve(ip, port, protocol, message) {
    const address = formatIpv4(ip);
    if (port === 53) return message.kind === 'dns' && RESOLVERS.has(address) ? resolve(message) : undefined;
    const isHost = Object.values(HOSTS).some((addresses) => addresses.includes(address));
    const isWeb = protocol === 'TCP' && message.kind === 'http' && port === (message.tls ? 443 : 80);
    return isHost && isWeb ? page(message) : undefined;
  },
};
