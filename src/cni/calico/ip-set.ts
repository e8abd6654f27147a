/** Sets of addresses that policies name: pods that a selector selects, pods with a named port, an IP block with its exceptions. */
import { sha256Base32 } from '../../apimachinery/sha256.ts';
import type { Selector } from '../../apimachinery/labels.ts';

/** Types of ipset that felix makes. */
export type SetType = 'hash:ip' | 'hash:net' | 'hash:ip,port';

/** A pod, as far as sets see it. */
export interface SetPod {
  readonly namespace: string;
  readonly ip: string;
  readonly labels: Readonly<Record<string, string>> | undefined;
  /** "http tcp" → 8080 */
  readonly ports: ReadonlyMap<string, number>;
}

/** One set, kept for all nodes of the cluster. */
export class PolicySet {
  /** "cali40s:…": at most 31 characters. */
  readonly name: string;
  readonly type: SetType;
  /** Entry → how many pods give it; a number above 0. */
  readonly members = new Map<string, number>();
  version = 0;
  /** The entry that a pod gives. */
  readonly entryOf: (pod: SetPod) => string | undefined;

  constructor(kind: 's' | 'n' | 'b', key: string, type: SetType, entryOf: (pod: SetPod) => string | undefined) {
    this.name = `cali40${kind}:${sha256Base32(key)}`;
    this.type = type;
    this.entryOf = entryOf;
  }

  add(entry: string): void {
    const count = this.members.get(entry) ?? 0;
    this.members.set(entry, count + 1);
    if (count === 0) this.version++;
  }

  remove(entry: string): void {
    const count = this.members.get(entry) ?? 0;
    if (count > 1) this.members.set(entry, count - 1);
    else if (this.members.delete(entry)) this.version++;
  }
}

/** Pods of `namespace` (or of the namespaces that `ofNamespace` takes) that `pods` selects. */
export function selectorSet(key: string, ofNamespace: (namespace: string) => boolean, pods: Selector): PolicySet {
  return new PolicySet('s', key, 'hash:ip', ({ namespace, labels, ip }) =>
    ofNamespace(namespace) && pods.matches(labels) ? ip : undefined,
  );
}

/** Pods with a port of this name, each with its number: "http tcp". */
export function namedPortSet(port: string): PolicySet {
  const protocol = port.split(' ')[1] ?? '';
  return new PolicySet('n', port, 'hash:ip,port', ({ ip, ports }) => {
    const number = ports.get(port);
    return number === undefined ? undefined : `${ip},${protocol}:${number}`;
  });
}

/** An IP block with exceptions. */
// Differs: exceptions of an IP block are entries "nomatch" of one set; upstream marks packets in several rules.
export function blockSet(cidr: string, except: readonly string[]): PolicySet {
  const set = new PolicySet('b', [cidr, ...except].join(' '), 'hash:net', () => undefined);
  // hash:net has no /0.
  for (const entry of cidr.endsWith('/0') ? ['0.0.0.0/1', '128.0.0.0/1'] : [cidr]) set.add(entry);
  for (const entry of except) set.add(`${entry} nomatch`);
  return set;
}
