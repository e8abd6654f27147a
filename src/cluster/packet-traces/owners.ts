/** Which object of the cluster is behind a rule, as far as the rule's comment or chain tells. */
import type { TraceOwner } from '../../api/kubarium/packet-trace.ts';

const NAME = '([a-z0-9][a-z0-9.-]*)/([a-z0-9][a-z0-9.-]*)';
const POLICY = new RegExp(`\\b[Pp]olicy ${NAME}`);
/** "default/web:http cluster IP", "masquerade traffic for default/web:http external destinations", "default/web -> 10.244.1.3:80" */
const SERVICE = new RegExp(`(?:^|\\s)${NAME}(?::\\S*)?(?=\\s|$)`);
/** Chains of nftables: "service-ULMVA6XW-default/web/tcp/http". */
const NFT_CHAIN = new RegExp(`(?:service|external|local|firewall|endpoint)-[A-Z0-9]{8}-${NAME}/`);
const COMMENT = /--comment (?:"([^"]*)"|(\S+))/;

/** The comment in a rule of iptables; "" without one. */
export function commentOf(text: string): string {
  const [, quoted, word] = COMMENT.exec(text) ?? [];
  return quoted ?? word ?? '';
}

/** The object that a comment names. */
export function ownerOf(comment: string): TraceOwner | undefined {
  return ownerBy('NetworkPolicy', POLICY.exec(comment)) ?? ownerBy('Service', SERVICE.exec(comment));
}

/** The Service of a chain of nftables. */
export const ownerOfChain = (chain: string): TraceOwner | undefined => ownerBy('Service', NFT_CHAIN.exec(chain));

function ownerBy(kind: string, found: RegExpExecArray | null): TraceOwner | undefined {
  if (found === null) return undefined;
  return { kind, namespace: found[1] ?? '', name: found[2] ?? '' };
}
