/** What Services and Ingresses say about the load balancer in front of them. */

/** Addresses, else host names, each once and sorted (`loadBalancerStatusStringer`). */
export function loadBalancerAddresses(status: { ingress?: { ip?: string; hostname?: string }[] } | undefined): string[] {
  const addresses = (status?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '');
  return [...new Set(addresses.filter((address) => address !== ''))].sort();
}
