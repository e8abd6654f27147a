/** A bridge's forwarding database (`net/bridge/br_fdb.c`): behind which port a hardware address was last seen. */
import { networkChanged } from './generation.ts';
import type { Link } from './link.ts';
import type { Mac } from './mac.ts';

/** ageing_time, ms: entries that were not renewed for so long count no more. */
export const AGEING_MS = 300_000;

/** Notes that a frame from `mac` came in by `port`. */
export function learn(bridge: Link, port: Link, mac: Mac): void {
  const fdb = bridge.details.fdb;
  const known = fdb?.get(mac);
  const { now } = bridge.netns.machine;
  if (known?.port === port) {
    known.seenAt = now;
    return;
  }
  if (known !== undefined) networkChanged();
  fdb?.set(mac, { port, seenAt: now });
}

/** The port that leads to `mac`; undefined when it is not known, and the frame must be flooded. */
export function portFor(bridge: Link, mac: Mac): Link | undefined {
  const entry = bridge.details.fdb?.get(mac);
  if (entry === undefined || entry.port.master !== bridge || !entry.port.carrier) return undefined;
  return bridge.netns.machine.now - entry.seenAt > AGEING_MS ? undefined : entry.port;
}

/** Floods: the port behind which somebody takes frames to `mac`. */
export function portThatTakes(bridge: Link, from: Link | undefined, mac: Mac): Link | undefined {
  for (const port of bridge.ports ?? []) {
    if (!port.carrier || (port === from && !port.hairpin)) continue;
    const end = port.kind === 'eth' ? port.fabric?.holderOf(port, mac) : port.peer;
    if (end?.mac === mac) return port;
  }
  return undefined;
}
