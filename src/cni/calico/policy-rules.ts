/**
 * The rules of one NetworkPolicy (`felix/rules/policy.go`; `libcalico-go/lib/backend/k8s/conversion`): a chain for each
 * direction. What a rule allows gets the mark 0x10000 and returns; a packet that returns without it was not allowed.
 */
// Differs: comments name the NetworkPolicy as its owner does; upstream adds "knp.default." and a hash of the rule.
import { sha256Base32 } from '../../apimachinery/sha256.ts';
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../../api/generated/types.ts';
import type { PolicySet } from './ip-set.ts';

/** The mark of a packet that a policy or a profile has accepted. */
export const ACCEPT_MARK = '0x10000/0x10000';
/** Ports in one multiport match. */
const MAX_PORTS = 15;

/** A policy's chain for one direction. */
export interface PolicyChain {
  readonly name: string;
  /** Lines "-A …". */
  readonly rules: readonly string[];
}

/** Everything that is rendered of one policy, the same on all nodes. */
export interface PolicyChains {
  /** "default/deny" */
  readonly policy: string;
  readonly ingress: PolicyChain | undefined;
  readonly egress: PolicyChain | undefined;
  readonly sets: readonly PolicySet[];
}

/** Gives the sets that rules look into. */
export interface Sets {
  peer(policyNamespace: string, peer: NetworkPolicyPeer): PolicySet;
  namedPort(name: string, protocol: string): PolicySet;
}

/** Renders a policy. */
export function renderPolicy({ metadata, spec }: NetworkPolicy, sets: Sets): PolicyChains {
  const namespace = metadata.namespace ?? '';
  const policy = `${namespace}/${metadata.name}`;
  const used = new Set<PolicySet>();
  const recording: Sets = {
    peer: (ns, peer) => note(sets.peer(ns, peer)),
    namedPort: (name, protocol) => note(sets.namedPort(name, protocol)),
  };
  const note = (set: PolicySet) => (used.add(set), set);
  const types = spec.policyTypes ?? ['Ingress'];
  const chain = (prefix: string, direction: 'ingress' | 'egress'): PolicyChain => {
    const name = `cali-${prefix}-_${sha256Base32(policy)}`;
    const start = `-A ${name}`;
    const comment = `-m comment --comment "Policy ${policy} ${direction}"`;
    const peersOf =
      direction === 'ingress'
        ? spec.ingress?.map((r) => ({ peers: r.from, ports: r.ports }))
        : spec.egress?.map((r) => ({ peers: r.to, ports: r.ports }));
    const rules = (peersOf ?? []).flatMap(({ peers, ports }) =>
      peerMatches(namespace, peers, direction, recording).flatMap((peer) =>
        portMatches(ports, recording).flatMap(({ protocol, match }) => [
          `${start}${protocol} ${comment}${peer}${match} -j MARK --set-xmark ${ACCEPT_MARK}`,
          `${start} ${comment} -m mark --mark ${ACCEPT_MARK} -j RETURN`,
        ]),
      ),
    );
    return { name, rules };
  };
  const ingress = types.includes('Ingress') ? chain('pi', 'ingress') : undefined;
  const egress = types.includes('Egress') ? chain('po', 'egress') : undefined;
  return { policy, ingress, egress, sets: [...used] };
}

/** One match text for each peer; no peers at all match everything. */
function peerMatches(
  namespace: string,
  peers: readonly NetworkPolicyPeer[] | undefined,
  direction: 'ingress' | 'egress',
  sets: Sets,
): string[] {
  if (peers === undefined || peers.length === 0) return [''];
  const end = direction === 'ingress' ? 'src' : 'dst';
  return peers.map((peer) => ` -m set --match-set ${sets.peer(namespace, peer).name} ${end}`);
}

interface PortMatch {
  /** " -p tcp", or nothing. */
  readonly protocol: string;
  readonly match: string;
}

function portMatches(ports: readonly NetworkPolicyPort[] | undefined, sets: Sets): PortMatch[] {
  if (ports === undefined || ports.length === 0) return [{ protocol: '', match: '' }];
  const found: PortMatch[] = [];
  const numbers = new Map<string, string[]>();
  for (const { port, endPort, protocol = 'TCP' } of ports) {
    const name = protocol.toLowerCase();
    if (port === undefined) found.push({ protocol: ` -p ${name}`, match: '' });
    else if (typeof port === 'string')
      found.push({ protocol: ` -p ${name}`, match: ` -m set --match-set ${sets.namedPort(port, name).name} dst,dst` });
    else numbers.set(name, [...(numbers.get(name) ?? []), endPort === undefined || endPort === port ? `${port}` : `${port}:${endPort}`]);
  }
  for (const [name, texts] of numbers)
    for (const list of chunks(texts)) found.push({ protocol: ` -p ${name}`, match: ` -m multiport --dports ${list}` });
  return found;
}

/** Lists of at most fifteen ports, a range counts as two. */
function chunks(texts: readonly string[]): string[] {
  const lists: string[][] = [[]];
  let size = 0;
  for (const text of texts) {
    const weight = text.includes(':') ? 2 : 1;
    if (size + weight > MAX_PORTS) {
      lists.push([]);
      size = 0;
    }
    lists.at(-1)?.push(text);
    size += weight;
  }
  return lists.map((list) => list.join(','));
}
