/** The place of flow plans, which are loaded apart: without them connections are the same, and slower. */
import type { FlowPlan } from './flow-plans.ts';
import type { Ipv4 } from './ipv4.ts';
import type { NetworkNamespace } from './namespace.ts';
import type { Protocol } from './socket.ts';

/** The plan for connections from a namespace to a destination; nothing while none are in place. Tests count what was replayed. */
export const flowPlans: {
  planFor: ((netns: NetworkNamespace, ip: Ipv4, port: number, protocol: Protocol) => FlowPlan) | undefined;
  replayed: number;
} = { planFor: undefined, replayed: 0 };
