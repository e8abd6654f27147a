/** The addresses that the simulated cloud gives its load balancers. Pure. */
import type { Service } from '../../api/generated/types.ts';

/** TEST-NET-3 of RFC 5737: no real machine has these. */
const NETWORK = '203.0.113.';
const FIRST = 10;
const LAST = 250;

/** The address that the cloud has given a Service. */
export const addressOf = ({ status }: Service): string | undefined => status?.loadBalancer?.ingress?.[0]?.ip;

/**
 * An address for a load balancer: the one that `spec.loadBalancerIP` asks for, or the lowest free one. Throws when it
 * cannot be had.
 */
export function chooseAddress({ spec }: Service, taken: ReadonlySet<string>): string {
  const wanted = spec.loadBalancerIP ?? '';
  if (wanted !== '') {
    const host = wanted.startsWith(NETWORK) ? Number(wanted.slice(NETWORK.length)) : Number.NaN;
    if (!(host >= FIRST && host <= LAST))
      throw new PoolError(`requested IP ${wanted} is not in the pool ${NETWORK}${FIRST}-${NETWORK}${LAST}`);
    if (taken.has(wanted)) throw new PoolError(`requested IP ${wanted} is in use`);
    return wanted;
  }
  for (let host = FIRST; host <= LAST; host++) if (!taken.has(NETWORK + String(host))) return NETWORK + String(host);
  throw new PoolError(`no free address in the pool ${NETWORK}${FIRST}-${NETWORK}${LAST}`);
}

/** The cloud refuses. */
export class PoolError extends Error {}
