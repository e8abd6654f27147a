/** What mode ipvs needs of a kernel, besides iptables. */
import type { Ipvs } from '../../linux/ipvs/ipvs.ts';
import type { IptablesTool } from '../iptables-tool.ts';

/** The dummy device that holds the virtual addresses, so that packets to them are for this machine. */
export interface AddressDevice {
  readonly exists: boolean;
  /** `ip link add … type dummy`, unless it exists. */
  ensure(): void;
  /** Its addresses as text. */
  addresses(): Iterable<string>;
  add(ips: readonly string[]): void;
  remove(ips: readonly string[]): void;
  /** `ip link del`. */
  delete(): void;
}

/** The ipset command. */
export interface IpSetTool {
  /** `ipset restore -exist`. Throws an Error when the kernel refuses. */
  restore(text: string): void;
  has(name: string): boolean;
}

/** All of it. */
export interface IpvsTools {
  readonly ipvs: Ipvs;
  readonly ipset: IpSetTool;
  readonly iptables: IptablesTool;
  readonly device: AddressDevice;
}
