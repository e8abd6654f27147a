/**
 * The host ports in use on a node (`pkg/scheduler/framework/types.go`, HostPortInfo). Two ports conflict when protocol
 * and number are equal and the addresses are equal or one of them is the wildcard.
 */
import type { ContainerPort } from '../../api/generated/types.ts';

const ANY_IP = '0.0.0.0';

const entryOf = ({ protocol, hostPort }: ContainerPort): string => `${protocol || 'TCP'}/${hostPort}`;

/** A set of (address, protocol, port). */
export class HostPorts {
  readonly #byIP = new Map<string, Map<string, number>>();

  add(port: ContainerPort): void {
    const ip = port.hostIP || ANY_IP;
    let entries = this.#byIP.get(ip);
    if (entries === undefined) this.#byIP.set(ip, (entries = new Map<string, number>()));
    const entry = entryOf(port);
    entries.set(entry, (entries.get(entry) ?? 0) + 1);
  }

  remove(port: ContainerPort): void {
    const ip = port.hostIP || ANY_IP;
    const entries = this.#byIP.get(ip);
    const entry = entryOf(port);
    const uses = (entries?.get(entry) ?? 0) - 1;
    if (uses > 0) entries?.set(entry, uses);
    else entries?.delete(entry);
    if (entries?.size === 0) this.#byIP.delete(ip);
  }

  /** Whether the port is taken. */
  conflicts(port: ContainerPort): boolean {
    if (this.#byIP.size === 0) return false;
    const ip = port.hostIP || ANY_IP;
    const entry = entryOf(port);
    if (ip !== ANY_IP) return this.#byIP.get(ANY_IP)?.has(entry) === true || this.#byIP.get(ip)?.has(entry) === true;
    for (const entries of this.#byIP.values()) if (entries.has(entry)) return true;
    return false;
  }
}
