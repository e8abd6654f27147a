/**
 * What happens to a packet on its way, told as it happens: which device, which hook, which route, who was asked by ARP,
 * what was wrapped into what, and where it ended. Nothing is told, and nothing is computed for it, when nobody listens.
 */
import type { Hook, NetfilterRecorder } from '../netfilter/recorder.ts';
import type { Ipv4 } from './ipv4.ts';
import type { Link } from './link.ts';
import type { Mac } from './mac.ts';
import type { NetworkNamespace } from './namespace.ts';
import type { Packet } from './packet.ts';
import type { Route } from './routes.ts';

/** Why a packet went no further. */
export type DropReason =
  | 'netfilter'
  | 'rejected'
  | 'not forwarding'
  | 'no route'
  | 'blackhole'
  | 'unreachable'
  | 'prohibited'
  | 'martian source'
  | 'martian destination'
  | 'rp_filter'
  | 'ttl exceeded'
  | 'too big'
  | 'neighbour failed'
  | 'link down'
  | 'lost'
  | 'not taken'
  | 'hairpin off'
  | 'no tunnel entry'
  | 'not for this host'
  | 'loop';

/** Where a namespace's IP layer was done with a packet. */
export type VisitEnd = 'LOCAL' | 'SENT' | 'DROP' | 'REJECT';

/** One thing that happened. `packet` is the live packet: who keeps it, copies it. */
export type WalkEvent =
  /** A socket or a kernel sends a packet: the first one, the answer to it, or an error about it. */
  | { readonly kind: 'send'; readonly netns: NetworkNamespace; readonly packet: Packet; readonly role: 'request' | 'reply' | 'error' }
  /** The packet enters the IP layer of a namespace: from a device, or from a socket (`input` undefined). */
  | {
      readonly kind: 'enter';
      readonly netns: NetworkNamespace;
      readonly input: Link | undefined;
      readonly packet: Packet;
      readonly outer: boolean;
    }
  | {
      readonly kind: 'hook';
      readonly phase: 'before' | 'after';
      readonly netns: NetworkNamespace;
      readonly hook: Hook;
      readonly input: Link | undefined;
      readonly output: Link | undefined;
      readonly packet: Packet;
    }
  | { readonly kind: 'route'; readonly netns: NetworkNamespace; readonly destination: Ipv4; readonly route: Route | 'local' | undefined }
  | { readonly kind: 'neighbour'; readonly link: Link; readonly ip: Ipv4; readonly mac: Mac | undefined; readonly asked: boolean }
  | {
      readonly kind: 'transmit';
      readonly link: Link;
      readonly packet: Packet;
      readonly sourceMac: Mac;
      readonly destinationMac: Mac;
    }
  | {
      readonly kind: 'bridge';
      readonly bridge: Link;
      readonly from: Link | undefined;
      readonly to: Link | undefined;
      readonly flooded: boolean;
    }
  | { readonly kind: 'encapsulate'; readonly link: Link; readonly inner: Packet; readonly outer: Packet }
  | { readonly kind: 'decapsulate'; readonly link: Link; readonly inner: Packet; readonly outer: Packet }
  /** The IP layer is done: handed up, sent by `output`, or ended there. */
  | {
      readonly kind: 'leave';
      readonly netns: NetworkNamespace;
      readonly end: VisitEnd;
      readonly output: Link | undefined;
      readonly reason: DropReason | undefined;
      readonly packet: Packet;
    }
  /** Lost on the wire or at a device, outside of any IP layer. */
  | { readonly kind: 'lost'; readonly link: Link; readonly reason: DropReason; readonly packet: Packet };

/** Listens to a walk. */
export interface WalkRecorder {
  /** Told of every rule that is tried. */
  readonly netfilter?: NetfilterRecorder | undefined;
  event(event: WalkEvent): void;
}
