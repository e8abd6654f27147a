/**
 * Kernel settings of a network namespace that send packets another way, by their paths below /proc/sys
 * ("net/ipv4/conf/all/rp_filter"). Most namespaces keep the kernel's defaults and have no object for them.
 */
import { networkChanged } from './generation.ts';

const DEFAULTS: Readonly<Record<string, number>> = {
  'net/ipv4/ip_forward': 0,
  'net/ipv4/ip_default_ttl': 64,
  'net/ipv4/icmp_echo_ignore_all': 0,
  'net/bridge/bridge-nf-call-iptables': 1,
};
/** Settings that exist for each device and for all; with these, the higher one counts (`IN_DEV_MAXCONF`). */
const ALL = 'net/ipv4/conf/all/';

/** What `/proc/sys/net` of one namespace says. */
export class Sysctls {
  readonly #values = new Map<string, number>();

  /** Writes a setting; the path with slashes. */
  set(path: string, value: number): void {
    this.#values.set(path, value);
    networkChanged();
  }

  get(path: string): number {
    return this.#values.get(path) ?? DEFAULTS[path] ?? 0;
  }

  /** A setting per device: the higher one of the device's and all's. */
  device(device: string, name: string): number {
    return Math.max(this.get(ALL + name), this.get(`net/ipv4/conf/${device}/${name}`));
  }

  /** All settings that were written. */
  entries(): IterableIterator<[string, number]> {
    return this.#values.entries();
  }
}
