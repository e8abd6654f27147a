/** What the packet view shows; it stays when the view is left and comes back. Other views choose its ends by `sendFrom` and `sendTo`. */
import { create } from 'zustand';
import { useUiState } from './ui-state.ts';

/** A place to send from or to, as a select's value: "pod/default/web-1", "node/node-1", "external", "service/default/web". */
export type PlaceValue = string;
/** Proxy modes that a trace can be compared with. */
export type ComparedMode = 'iptables' | 'ipvs' | 'nftables';

interface PacketsState {
  /** "": not chosen yet. */
  from: PlaceValue;
  to: PlaceValue;
  /** Typed destination: a host name or an address. */
  host: string;
  /** "": the usual port of the destination. */
  port: string;
  protocol: 'TCP' | 'UDP' | 'ICMP';
  /** Undefined: IPVS, or iptables where IPVS is the cluster's own. */
  compare: 'none' | ComparedMode | undefined;
  /** "namespace/name" of the trace shown; undefined: the newest. */
  trace: string | undefined;
  step: number;
  mode: 'picture' | 'text' | 'matrix' | 'cost';
  /** Where there is no room for all columns: the one in front. */
  front: string;
  /** Whether the rules of the step are explained. */
  why: boolean;
  set(change: Partial<Omit<PacketsState, 'set'>>): void;
}

export const usePackets = create<PacketsState>()((set) => ({
  from: '',
  to: '',
  host: '',
  port: '',
  protocol: 'TCP',
  compare: undefined,
  trace: undefined,
  step: 0,
  mode: 'picture',
  front: 'path',
  why: false,
  set: (change) => set(change),
}));

/** Shows the view with a destination chosen, ready to send. */
export function sendTo(to: PlaceValue): void {
  usePackets.setState({ to, port: '', mode: 'picture' });
  useUiState.getState().set({ view: 'packets' });
}

/** Shows the view with a source chosen. */
export function sendFrom(from: PlaceValue): void {
  usePackets.setState({ from, mode: 'picture' });
  useUiState.getState().set({ view: 'packets' });
}
