/**
 * A number that changes whenever anything changes that could send a packet another way: links, addresses, routes,
 * neighbours, forwarding entries, netfilter rules, sets, sysctls. What was worked out under one number holds until the next.
 * It is only ever compared for equality, so that sharing it among simulations of one process does no harm.
 */
const state = { generation: 0 };

/** The number now. */
export const networkGeneration = (): number => state.generation;

/** To be called with every such change. */
export function networkChanged(): void {
  state.generation++;
}
