/** Matches on where a packet is and what it looks like: comment, addrtype, physdev, set, ttl, length, iprange. */
import { formatIpv4, type Ipv4 } from '../net/ipv4.ts';
import type { Link } from '../net/link.ts';
import type { Packet } from '../net/packet.ts';
import type { AddrType, Evaluation } from './evaluation.ts';
import { type GivenOptions, type MatchModule, options } from './modules.ts';
import type { Match } from './rule.ts';
import { quote } from './tokens.ts';
import { UsageError } from './tool-error.ts';
import { not, numberOption, parseAddress } from './values.ts';
import { interfaceMatches, parseInterface } from './interface-match.ts';

const LONGEST_COMMENT = 255;

/** Every rule has one, and nobody asks it: small. */
class Comment implements Match {
  readonly #comment: string;

  constructor(comment: string) {
    this.#comment = comment;
  }

  get name(): string {
    return 'comment';
  }

  get always(): boolean {
    return true;
  }

  get text(): string {
    return ` -m comment --comment ${quote(this.#comment)}`;
  }

  listing(): string {
    return `/* ${this.#comment} */`;
  }

  matches(): boolean {
    return true;
  }
}

const comment: MatchModule = {
  name: 'comment',
  unique: true,
  options: options([1, '--comment']),
  build(given): Match {
    const text = given.required('--comment');
    if (text.length > LONGEST_COMMENT) throw new UsageError(`COMMENT must be shorter than ${LONGEST_COMMENT + 1} characters`);
    return new Comment(text);
  },
};

/** In the order in which they are printed. */
const ADDRESS_TYPES: readonly AddrType[] = [
  'UNSPEC',
  'UNICAST',
  'LOCAL',
  'BROADCAST',
  'ANYCAST',
  'MULTICAST',
  'BLACKHOLE',
  'UNREACHABLE',
  'PROHIBIT',
  'THROW',
  'NAT',
  'XRESOLVE',
];

function parseTypes(text: string): AddrType[] {
  const wanted = text.split(',').map((name) => {
    const type = ADDRESS_TYPES.find((known) => known === name.toUpperCase());
    if (type === undefined) throw new UsageError(`addrtype: bad type "${name}"`);
    return type;
  });
  return ADDRESS_TYPES.filter((type) => wanted.includes(type));
}

const addrtype: MatchModule = {
  name: 'addrtype',
  options: options([1, '--src-type'], [1, '--dst-type'], [0, '--limit-iface-in'], [0, '--limit-iface-out']),
  build(given): Match {
    const sourceText = given.value('--src-type');
    const destinationText = given.value('--dst-type');
    if (sourceText === undefined && destinationText === undefined)
      throw new UsageError('addrtype: you must specify --src-type or --dst-type');
    const source = sourceText === undefined ? undefined : parseTypes(sourceText);
    const destination = destinationText === undefined ? undefined : parseTypes(destinationText);
    const [notSource, notDestination] = [given.inverted('--src-type'), given.inverted('--dst-type')];
    const limitIn = given.has('--limit-iface-in');
    const limitOut = given.has('--limit-iface-out');
    const texts = [
      source === undefined ? '' : `${not(notSource)} --src-type ${source.join(',')}`,
      destination === undefined ? '' : `${not(notDestination)} --dst-type ${destination.join(',')}`,
      limitIn ? ' --limit-iface-in' : '',
      limitOut ? ' --limit-iface-out' : '',
    ];
    const listings = [
      source === undefined ? '' : ` src-type ${notSource ? '!' : ''}${source.join(',')}`,
      destination === undefined ? '' : ` dst-type ${notDestination ? '!' : ''}${destination.join(',')}`,
      limitIn ? ' limit-in' : '',
      limitOut ? ' limit-out' : '',
    ];
    return {
      name: 'addrtype',
      text: ` -m addrtype${texts.join('')}`,
      listing: () => `ADDRTYPE match${listings.join('')}`,
      matches(packet, { context, input, output }) {
        const link = limitIn ? input : limitOut ? output : undefined;
        if (source !== undefined && source.includes(context.addressType(packet.source, link)) === notSource) return false;
        return destination === undefined || destination.includes(context.addressType(packet.destination, link)) !== notDestination;
      },
    };
  },
};

type PhysdevTest = (packet: Packet) => boolean;

/** A test of the name of a bridge port; without a port only the inverted one holds. */
function portName(given: GivenOptions, option: string, pick: (packet: Packet) => Link | undefined): PhysdevTest | undefined {
  const value = given.value(option);
  if (value === undefined) return undefined;
  const match = parseInterface(value, given.inverted(option));
  return (packet) => interfaceMatches(match, pick(packet)?.name ?? '');
}

function physdevFlag(given: GivenOptions, option: string, holds: PhysdevTest): PhysdevTest | undefined {
  const flag = given.get(option);
  return flag === undefined ? undefined : (packet) => holds(packet) !== flag.inverted;
}

const PHYSDEV_OPTIONS = ['--physdev-in', '--physdev-is-in', '--physdev-out', '--physdev-is-out', '--physdev-is-bridged'] as const;

const physdev: MatchModule = {
  name: 'physdev',
  options: options([1, '--physdev-in'], [1, '--physdev-out'], [0, '--physdev-is-in'], [0, '--physdev-is-out'], [0, '--physdev-is-bridged']),
  build(given): Match {
    if (given.size === 0) throw new UsageError('PHYSDEV: no physdev option specified');
    const tests = [
      portName(given, '--physdev-in', ({ physIn }) => physIn),
      portName(given, '--physdev-out', ({ physOut }) => physOut),
      physdevFlag(given, '--physdev-is-in', ({ physIn }) => physIn !== undefined),
      physdevFlag(given, '--physdev-is-out', ({ physOut }) => physOut !== undefined),
      physdevFlag(given, '--physdev-is-bridged', ({ physOut }) => physOut !== undefined),
    ].filter((test) => test !== undefined);
    const text = PHYSDEV_OPTIONS.map((option) => {
      const one = given.get(option);
      return one === undefined ? '' : `${not(one.inverted)} ${[option, ...one.values].join(' ')}`;
    }).join('');
    return {
      name: 'physdev',
      text: ` -m physdev${text}`,
      listing: () => `PHYSDEV match${text}`,
      matches: (packet) => tests.every((test) => test(packet)),
    };
  },
};

const MOST_DIMENSIONS = 6;

/** "src,dst" as whether each part is the source. */
export function parseDimensions(text: string): boolean[] {
  const parts = text.split(',');
  if (parts.length > MOST_DIMENSIONS) throw new UsageError(`Can't be more src/dst options than ${MOST_DIMENSIONS}.`);
  return parts.map((part) => {
    if (part !== 'src' && part !== 'dst') throw new UsageError("You must spefify (the comma separated list of) 'src' or 'dst'.");
    return part === 'src';
  });
}

const set: MatchModule = {
  name: 'set',
  options: options([2, '--match-set', '--set'], [0, '--return-nomatch']),
  build(given): Match {
    const option = given.get('--match-set');
    if (option === undefined) throw new UsageError("You must specify `--match-set' with proper arguments");
    const [name = '', flags = ''] = option.values;
    const dimensions = parseDimensions(flags);
    const nomatch = given.has('--return-nomatch') ? ' --return-nomatch' : '';
    return {
      name: 'set',
      text: ` -m set${not(option.inverted)} --match-set ${name} ${flags}${nomatch}`,
      listing: () => `${option.inverted ? '! ' : ''}match-set ${name} ${flags}${nomatch.replace(' --', ' ')}`,
      set: name,
      matches: (packet, evaluation) => lookUp(name, dimensions, packet, evaluation) !== option.inverted,
    };
  },
};

function lookUp(name: string, dimensions: readonly boolean[], packet: Packet, evaluation: Evaluation): boolean {
  const { sets, cost, recorder, context } = evaluation;
  const found = sets.test(name, dimensions, packet, context.now);
  cost.setLookups++;
  recorder?.setLookedUp?.(name, found);
  return found;
}

const COMPARISONS = [
  ['--ttl-eq', '==', (ttl: number, value: number) => ttl === value],
  ['--ttl-lt', '<', (ttl: number, value: number) => ttl < value],
  ['--ttl-gt', '>', (ttl: number, value: number) => ttl > value],
] as const;

const ttl: MatchModule = {
  name: 'ttl',
  options: options([1, '--ttl-eq', '--ttl'], [1, '--ttl-lt'], [1, '--ttl-gt']),
  build(given): Match {
    const comparison = COMPARISONS.find(([option]) => given.has(option));
    if (comparison === undefined) throw new UsageError("TTL match: You must specify one of `--ttl-eq', `--ttl-lt', `--ttl-gt");
    const [option, sign, holds] = comparison;
    const value = numberOption('ttl', option, given.required(option), 0, 255);
    const inverted = given.inverted(option);
    return {
      name: 'ttl',
      text: ` -m ttl${not(inverted)} ${option} ${value}`,
      listing: () => `TTL match TTL ${inverted ? '!=' : sign} ${value}`,
      matches: (packet) => holds(packet.ttl, value) !== inverted,
    };
  },
};

const length: MatchModule = {
  name: 'length',
  options: options([1, '--length']),
  build(given): Match {
    const text = given.required('--length');
    const [low = '', high = low] = text.split(':');
    const from = numberOption('length', '--length', low, 0, 65535);
    const to = numberOption('length', '--length', high, 0, 65535);
    const inverted = given.inverted('--length');
    const printed = from === to ? `${from}` : `${from}:${to}`;
    return {
      name: 'length',
      text: ` -m length${not(inverted)} --length ${printed}`,
      listing: () => `length ${inverted ? '!' : ''}${printed}`,
      matches: (packet) => (packet.length >= from && packet.length <= to) !== inverted,
    };
  },
};

function parseAddressRange(text: string): readonly [Ipv4, Ipv4] {
  const [low = '', high = low] = text.split('-');
  const [from, to] = [parseAddress(low), parseAddress(high)];
  if (from === undefined || to === undefined) throw new UsageError(`iprange: Bad IP address "${text}"`);
  return [from, to];
}

const iprange: MatchModule = {
  name: 'iprange',
  options: options([1, '--src-range'], [1, '--dst-range']),
  build(given): Match {
    const [sourceText, destinationText] = [given.value('--src-range'), given.value('--dst-range')];
    if (sourceText === undefined && destinationText === undefined)
      throw new UsageError("iprange match: You must specify `--src-range' or `--dst-range'");
    const part = (name: string, text: string | undefined, inverted: boolean, listed: string) => {
      if (text === undefined) return undefined;
      const [from, to] = parseAddressRange(text);
      const printed = `${formatIpv4(from)}-${formatIpv4(to)}`;
      return {
        text: `${not(inverted)} ${name} ${printed}`,
        listing: `${listed} IP range ${inverted ? '! ' : ''}${printed}`,
        test: (ip: Ipv4) => (ip >= from && ip <= to) !== inverted,
      };
    };
    const source = part('--src-range', sourceText, given.inverted('--src-range'), 'source');
    const destination = part('--dst-range', destinationText, given.inverted('--dst-range'), 'destination');
    return {
      name: 'iprange',
      text: ` -m iprange${source?.text ?? ''}${destination?.text ?? ''}`,
      listing: () => [source?.listing, destination?.listing].filter((one) => one !== undefined).join(' '),
      matches: (packet) => (source?.test(packet.source) ?? true) && (destination?.test(packet.destination) ?? true),
    };
  },
};

/** The extensions of this file. */
export const placeMatches: readonly MatchModule[] = [comment, addrtype, physdev, set, ttl, length, iprange];
