/** A port of a machine that leads to an address behind it, as the runtime asks CNI for. */
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
