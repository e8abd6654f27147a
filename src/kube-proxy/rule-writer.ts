/** What the modes of kube-proxy have in common: who they work for, and what the component asks of them (`pkg/proxy/types.go`, Provider). */
import type { ProxyConfig } from './config.ts';
import type { ModelView } from './service-model.ts';

/** The node that rules are written for. */
export interface ProxyNode {
  readonly name: string;
  /** Its first address. */
  readonly ip: string;
  /** All addresses of its network namespace but the loopback's, as text. */
  addresses(): readonly string[];
  /** `sysctl -w`: "net/ipv4/conf/all/route_localnet", "1". */
  setSysctl(key: string, value: string): void;
}

/** What every writer is made of. */
export interface RuleWriterOptions {
  readonly node: ProxyNode;
  readonly model: ModelView;
  readonly config: ProxyConfig;
}

/** Brings the model into the kernel of one node, in the way of one mode. */
export interface RuleWriter {
  /**
   * Writes what the Service ports with these names need, or everything when `changed` is undefined. Throws an Error
   * when the kernel refuses: then the next call must be for everything.
   */
  write(changed: ReadonlySet<string> | undefined): void;
  /** Another writer takes its place: timers end, the kernel keeps what it has. */
  stop?(): void;
  /** False when somebody else has removed the rules. */
  isIntact(): boolean;
}
