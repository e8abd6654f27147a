/** Asks a namespace's netfilter at one of the five hooks. */
import type { Random } from '../../sim/random.ts';
import type { AddrType, HookContext } from '../netfilter/evaluation.ts';
import type { Hook } from '../netfilter/recorder.ts';
import type { Ipv4 } from './ipv4.ts';
import type { IcmpError, Journey } from './journey.ts';
import type { Link } from './link.ts';
import type { NetworkNamespace } from './namespace.ts';
import { findRoute, selectSource } from './routing.ts';

/** What netfilter may ask of a namespace. */
export class NamespaceContext implements HookContext {
  readonly #netns: NetworkNamespace;

  constructor(netns: NetworkNamespace) {
    this.#netns = netns;
  }

  get now(): number {
    return this.#netns.machine.now;
  }

  get random(): Random {
    return this.#netns.machine.random;
  }

  addressType(ip: Ipv4, link?: Link): AddrType {
    const type = this.#netns.addressType(ip);
    if (link === undefined || type !== 'LOCAL') return type;
    return link.addresses.some((address) => address.ip === ip) ? 'LOCAL' : 'UNICAST';
  }

  primaryAddress(link: Link, destination: Ipv4): Ipv4 | undefined {
    if (link.addresses.length < 2) return selectSource(this.#netns, link, undefined);
    return selectSource(this.#netns, link, findRoute(this.#netns, destination)?.gateway ?? destination);
  }
}

/** Runs a hook for the packet. False when its way ends there, or IPVS sends it another way. */
export function runHook(j: Journey, hook: Hook): boolean {
  const { netns, packet, recorder } = j;
  const { netfilter, hookContext } = netns.details;
  if (netfilter === undefined || hookContext === undefined) {
    if (recorder === undefined) return true;
    j.tell('before', hook);
    j.tell('after', hook);
    return true;
  }
  if (recorder !== undefined) j.tell('before', hook);
  const input = hook === 'OUTPUT' || hook === 'POSTROUTING' ? undefined : j.input;
  const output = hook === 'PREROUTING' || hook === 'INPUT' ? undefined : j.output;
  const verdict = netfilter.hook(hook, packet, input, output, hookContext, recorder?.netfilter);
  if (verdict === 'accept') {
    if (recorder !== undefined) j.tell('after', hook);
    return true;
  }
  if (verdict === 'stolen') {
    if (recorder !== undefined) j.tell('after', hook);
    j.stage = 'virtual server out';
  } else if (verdict === 'drop') j.drop('netfilter');
  else j.refuse('rejected', verdict.reject === 'tcp-reset' ? 'tcp-reset' : (verdict.reject.slice('icmp-'.length) as IcmpError), 'REJECT');
  return false;
}
