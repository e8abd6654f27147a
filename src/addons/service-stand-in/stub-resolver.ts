/** What a C library does with /etc/resolv.conf: which servers to ask, and for which names (resolv.conf(5)). */

/** The parts of a resolv.conf that matter here. */
export interface ResolvConf {
  readonly nameservers: readonly string[];
  readonly searches: readonly string[];
  /** Names with at least so many dots are tried as they are first. */
  readonly ndots: number;
}

/** Reads a resolv.conf. Later `search` lines replace earlier ones. */
export function parseResolvConf(text: string): ResolvConf {
  const nameservers: string[] = [];
  let searches: readonly string[] = [];
  let ndots = 1;
  for (const line of text.split('\n')) {
    const [word = '', ...rest] = line.trim().split(/\s+/);
    if (word === 'nameserver' && rest[0] !== undefined) nameservers.push(rest[0]);
    else if (word === 'search') searches = rest;
    else if (word === 'options') for (const option of rest) if (option.startsWith('ndots:')) ndots = Number(option.slice(6)) || 0;
  }
  return { nameservers, searches, ndots };
}

/** The full names to try, in order, without the dot at the end. "web" with search default.svc.x: web.default.svc.x, web. */
export function candidates(name: string, { searches, ndots }: ResolvConf): string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const suffixed = searches.map((suffix) => `${name}.${suffix}`);
  const dots = name.split('.').length - 1;
  return dots >= ndots ? [name, ...suffixed] : [...suffixed, name];
}
