/** Who unwraps packets that arrive for this machine (vxlan, ipip, flannel's udp backend). */
import type { Link } from './link.ts';
import type { Mac } from './mac.ts';
import type { Packet } from './packet.ts';

/** What was inside, and by which device it comes in. A `mac` is checked against the device's own. */
export interface Unwrapped {
  readonly packet: Packet;
  readonly link: Link;
  readonly sourceMac: Mac;
  readonly destinationMac: Mac | undefined;
}

/** Unwraps an outer packet; undefined drops it. */
export type TunnelReceiver = (outer: Packet) => Unwrapped | undefined;
