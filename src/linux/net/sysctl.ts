/**
 * Kernel settings of a network namespace that send packets another way, by their paths below /proc/sys
 * ("net/ipv4/conf/all/rp_filter"). Most namespaces keep the kernel's defaults and have no object for them.
 */
import { networkChanged } from './generation.ts';

const CALL_IPTABLES = 'net/bridge/bridge-nf-call-iptables';
const DEFAULTS: Readonly<Record<string, number>> = {
  'net/ipv4/ip_forward': 0,
  'net/ipv4/ip_default_ttl': 64,
  'net/ipv4/icmp_echo_ignore_all': 0,
  [CALL_IPTABLES]: 1,
};
const PER_DEVICE = /^net\/ipv4\/conf\/([^/]+)\/([^/]+)$/;

/** What `/proc/sys/net` of one namespace says. */
export class Sysctls {
  readonly #values = new Map<string, number>();
  /** "rp_filter" → "eth0" → 1 */
  readonly #devices = new Map<string, Map<string, number>>();
  /** net.bridge.bridge-nf-call-iptables, which every frame on a bridge asks for. */
  bridgeCallsIptables = true;

  /** Writes a setting; the path with slashes. */
  set(path: string, value: number): void {
    this.#values.set(path, value);
    if (path === CALL_IPTABLES) this.bridgeCallsIptables = value !== 0;
    const [, device, name] = PER_DEVICE.exec(path) ?? [];
    if (device !== undefined && name !== undefined) {
      let values = this.#devices.get(name);
      if (values === undefined) this.#devices.set(name, (values = new Map()));
      values.set(device, value);
    }
    networkChanged();
  }

  get(path: string): number {
    return this.#values.get(path) ?? DEFAULTS[path] ?? 0;
  }

  /** A setting per device: the higher one of the device's and all's (`IN_DEV_MAXCONF`). */
  device(device: string, name: string): number {
    const values = this.#devices.get(name);
    return values === undefined ? 0 : Math.max(values.get('all') ?? 0, values.get(device) ?? 0);
  }

  /** The device is gone, and its settings with it. */
  forgetDevice(device: string): void {
    const prefix = `net/ipv4/conf/${device}/`;
    for (const path of this.#values.keys()) if (path.startsWith(prefix)) this.#values.delete(path);
  }

  /** All settings that were written. */
  entries(): IterableIterator<[string, number]> {
    return this.#values.entries();
  }
}
