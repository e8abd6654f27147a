/** A tun device's user-space end: a program that reads packets that the kernel routed into the device. */
import type { Packet } from './packet.ts';

/** Reads a packet; what it sends instead (a datagram from a socket of its own), or undefined when it drops it. */
export interface TunReader {
  /** The program's name, for traces: "flanneld". */
  readonly program: string;
  read(packet: Packet): Packet | undefined;
}
