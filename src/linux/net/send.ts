/** Sends a packet from a namespace, and follows it to its end. */
import { bridgeIn, bridgeOut } from './bridge.ts';
import { forward, ipReceive, localIn } from './ip-input.ts';
import { localOut, neighbour, postRouting, virtualServerOut } from './ip-output.ts';
import { Journey } from './journey.ts';
import type { NetworkNamespace } from './namespace.ts';
import type { Packet } from './packet.ts';
import { notTaken, receive, transmit } from './transmit.ts';
import { unwrap, wrap } from './tunnels.ts';
import type { WalkRecorder } from './walk-recorder.ts';

/** More stages than 64 hops through bridges and tunnels can have. */
const MAX_STEPS = 2048;

/** Sends `packet` from a socket of `netns`. The journey tells where and how it ended. */
export function send(netns: NetworkNamespace, packet: Packet, recorder?: WalkRecorder): Journey {
  const journey = new Journey(netns, packet, recorder);
  while (journey.stage !== 'done') {
    if (journey.steps++ > MAX_STEPS) journey.drop('loop');
    else advance(journey);
  }
  return journey;
}

/** Moves a packet one stage on; for those who follow only a part of its way. */
export function advance(j: Journey): void {
  switch (j.stage) {
    case 'local out':
      return localOut(j);
    case 'post routing':
      return postRouting(j);
    case 'neighbour':
      return neighbour(j);
    case 'transmit':
      return transmit(j);
    case 'receive':
      return receive(j);
    case 'bridge in':
      return bridgeIn(j);
    case 'bridge out':
      return bridgeOut(j);
    case 'ip receive':
      return ipReceive(j);
    case 'forward':
      return forward(j);
    case 'local in':
      return localIn(j);
    case 'wrap':
      return wrap(j);
    case 'unwrap':
      return unwrap(j);
    case 'not taken':
      return notTaken(j);
    case 'virtual server out':
      return virtualServerOut(j);
    case 'deliver':
      j.noteConnection();
      j.verdict = 'delivered';
      j.stage = 'done';
      return;
    case 'done':
      return;
  }
}
