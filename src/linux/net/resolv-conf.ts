/** What a C library does with /etc/resolv.conf: which servers to ask, how often, and for which names (resolv.conf(5)). */

/** The parts of a resolv.conf that matter here. */
export interface ResolvConf {
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  /** Names with at least so many dots are tried as they are first. */
  readonly ndots: number;
  /** Seconds that a server gets for its answer. */
  readonly timeoutSeconds: number;
  /** How often the list of servers is gone through. */
  readonly attempts: number;
}

/** glibc asks no more servers than these (MAXNS). */
const MAX_NAMESERVERS = 3;
const LIMITS = { ndots: 15, timeout: 30, attempts: 5 } as const;

/** Reads a resolv.conf. Later `search` lines replace earlier ones. Without a server the machine itself is asked. */
export function parseResolvConf(text: string): ResolvConf {
  const nameservers: string[] = [];
  let searches: readonly string[] = [];
  const numbers = { ndots: 1, timeout: 5, attempts: 2 };
  for (const line of text.split('\n')) {
    const [word = '', ...rest] = line.trim().split(/\s+/);
    if (word === 'nameserver' && rest[0] !== undefined) nameservers.push(rest[0]);
    else if (word === 'search' || word === 'domain') searches = word === 'search' ? rest : rest.slice(0, 1);
    else if (word === 'options')
      for (const option of rest) {
        const [name = '', value = ''] = option.split(':');
        if (name in numbers) {
          const key = name as keyof typeof numbers;
          numbers[key] = Math.min(Number.parseInt(value, 10) || 0, LIMITS[key]);
        }
      }
  }
  if (nameservers.length === 0) nameservers.push('127.0.0.1');
  return {
    nameservers: nameservers.slice(0, MAX_NAMESERVERS),
    searches: searches.map((suffix) => suffix.replace(/\.$/, '')),
    ndots: numbers.ndots,
    timeoutSeconds: Math.max(numbers.timeout, 1),
    attempts: Math.max(numbers.attempts, 1),
  };
}

/** The full names to try, in order, with the dot at the end. "web" with search default.svc.x: web.default.svc.x., web. */
export function candidates(name: string, { searches, ndots }: ResolvConf): string[] {
  if (name.endsWith('.')) return [name];
  const suffixed = searches.map((suffix) => (suffix === '' ? `${name}.` : `${name}.${suffix}.`));
  const dots = name.split('.').length - 1;
  return dots >= ndots ? [`${name}.`, ...suffixed] : [...suffixed, `${name}.`];
}
