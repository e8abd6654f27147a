/** Names of the chains that belong to one Service port: a prefix and the start of a hash (`proxier.go`, portProtoHash). */
import { sha256Base32 } from '../../apimachinery/sha256.ts';
import type { Endpoint } from '../endpoints.ts';
import type { ServicePortInfo } from '../service-port.ts';

/** One hash, four chains. */
export interface ChainNames {
  readonly cluster: string;
  readonly local: string;
  readonly external: string;
  readonly firewall: string;
}

const known = new WeakMap<ServicePortInfo, ChainNames>();

/** KUBE-SVC-, KUBE-SVL-, KUBE-EXT-, KUBE-FW- and 16 characters: sha256 of name and protocol, in base32. */
export function chainNames(info: ServicePortInfo): ChainNames {
  let names = known.get(info);
  if (names === undefined) {
    const hash = sha256Base32(info.name + info.protocol);
    names = { cluster: `KUBE-SVC-${hash}`, local: `KUBE-SVL-${hash}`, external: `KUBE-EXT-${hash}`, firewall: `KUBE-FW-${hash}` };
    known.set(info, names);
  }
  return names;
}

/** The chain that rewrites to one endpoint. */
export const sepChain = (endpoint: Endpoint, info: ServicePortInfo): string => `KUBE-SEP-${endpoint.chainHash(info)}`;

/** Whether a chain of table nat is one of a Service port, that may be deleted when nobody needs it. */
export const isServiceChain = (name: string): boolean => /^KUBE-(SVC|SVL|EXT|FW|SEP)-/.test(name);
