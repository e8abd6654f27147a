/** The ipsets of one namespace, and the texts of the ipset tool (`net/netfilter/ipset`, ipset 7.17). */
import type { Ipv4 } from '../net/ipv4.ts';

/** How the ipset tool ended. */
export interface IpSetResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a look-up asks for: the parts of a packet, in the order of the set's dimensions. */
export interface SetKey {
  readonly ips: readonly [Ipv4, Ipv4, Ipv4];
}

/** The sets of one namespace by name. */
export declare class IpSets {
  /** `ipset …`, the words after the command's name. `stdin` for restore. */
  command(words: readonly string[], stdin?: string): IpSetResult;
  /** `ipset restore`; `exist`: `-exist`. */
  restore(text: string, options?: { readonly exist?: boolean }): IpSetResult;
  /** `ipset save [NAME]` */
  save(name?: string): string;
  has(name: string): boolean;
}
