/** Ports of a machine that lead to an address behind it: destination NAT as CNI's portmap plugin sets it up. */
import type { Ipv4 } from './ipv4.ts';
import type { Protocol } from './socket.ts';

/** "8080 on the machine is 10.244.1.5:80". */
export interface PortMapping {
  readonly protocol: Protocol;
  readonly hostPort: number;
  readonly containerPort: number;
  /** Only for packets to this address of the machine. Default: all. */
  readonly hostIp?: Ipv4 | undefined;
}

/** Where a mapped port leads. */
export interface MappedPort extends PortMapping {
  readonly ip: Ipv4;
}

/** The mapped ports of one machine. */
export class PortMaps {
  #mapped: readonly MappedPort[] = [];

  add(mappings: readonly PortMapping[], ip: Ipv4): void {
    this.#mapped = this.#mapped.concat(mappings.map((mapping) => ({ ...mapping, ip })));
  }

  /** Forgets everything that leads to `ip`. */
  remove(ip: Ipv4): void {
    if (this.#mapped.length > 0) this.#mapped = this.#mapped.filter((mapped) => mapped.ip !== ip);
  }

  clear(): void {
    this.#mapped = [];
  }

  /** Where a packet to the machine's own `ip`:`port` goes instead, if anywhere. */
  find(ip: Ipv4, port: number, protocol: Protocol): MappedPort | undefined {
    return this.#mapped.find((mapped) => mapped.hostPort === port && mapped.protocol === protocol && (mapped.hostIp ?? ip) === ip);
  }
}
