/** All extensions by their names. */
import { chanceMatches } from './matches-chance.ts';
import { connectionMatches } from './matches-connection.ts';
import { placeMatches } from './matches-place.ts';
import { transportMatches } from './matches-transport.ts';
import type { MatchModule, TargetModule } from './modules.ts';
import { natTargets } from './nat-targets.ts';
import { plainTargets } from './targets.ts';

interface Extensions {
  readonly matches: ReadonlyMap<string, MatchModule>;
  readonly targets: ReadonlyMap<string, TargetModule>;
  readonly byProtocol: ReadonlyMap<number, MatchModule>;
}

let extensions: Extensions | undefined;

function all(): Extensions {
  if (extensions !== undefined) return extensions;
  const matches = [...transportMatches, ...connectionMatches, ...chanceMatches, ...placeMatches];
  const targets = [...plainTargets, ...natTargets];
  extensions = {
    matches: new Map(matches.map((module) => [module.name, module])),
    targets: new Map(targets.map((module) => [module.name, module])),
    byProtocol: new Map(matches.flatMap((module) => (module.protocol === undefined ? [] : [[module.protocol, module]]))),
  };
  return extensions;
}

/** `-m name` */
export const matchModule = (name: string): MatchModule | undefined => all().matches.get(name);

/** `-j NAME` */
export const targetModule = (name: string): TargetModule | undefined => all().targets.get(name);

/** The extension that `-p` loads for its options. */
export const protocolModule = (protocol: number): MatchModule | undefined => all().byProtocol.get(protocol);

/** Extensions that iptables 1.8 has and that are not modelled here, for an error that says so. */
export const UNMODELLED: ReadonlySet<string> = new Set(
  (
    'ah bpf cgroup cluster connbytes connlabel connlimit cpu dccp devgroup dscp ecn esp hashlimit helper ipcomp ipvs mac nfacct osf owner ' +
    'pkttype policy quota rateest realm rpfilter socket string time tos u32 ' +
    'AUDIT CHECKSUM CLASSIFY CLUSTERIP CONNSECMARK DSCP ECN HMARK IDLETIMER LED NETMAP NFLOG NFQUEUE QUEUE RATEEST SECMARK SYNPROXY TEE TOS TPROXY TRACE TTL'
  ).split(' '),
);
