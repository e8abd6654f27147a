/** What the packet view shows; it stays when the view is left and comes back. */
import { create } from 'zustand';

/** A place to send from or to, as a select's value: "pod/default/web-1", "node/node-1", "external", "service/default/web". */
export type PlaceValue = string;

interface PacketsState {
  from: PlaceValue;
  to: PlaceValue;
  /** Typed destination: a host name or an address. */
  host: string;
  port: string;
  protocol: 'TCP' | 'UDP' | 'ICMP';
  compare: 'none' | 'ipvs' | 'nftables' | 'iptables';
  /** "namespace/name" of the trace shown; undefined: the newest. */
  trace: string | undefined;
  step: number;
  mode: 'picture' | 'text' | 'matrix' | 'cost';
  set(change: Partial<Omit<PacketsState, 'set'>>): void;
}

export const usePackets = create<PacketsState>()((set) => ({
  from: '',
  to: '',
  host: '',
  port: '',
  protocol: 'TCP',
  compare: 'none',
  trace: undefined,
  step: 0,
  mode: 'picture',
  set: (change) => set(change),
}));
