/** Words after a set's type: "family inet hashsize 1024 maxelem 65536 timeout 300". */
import type { SetOptions } from './ip-set.ts';
import { IpSetError } from './ipset-error.ts';
import type { SetType } from './set-types.ts';

const DEFAULTS: SetOptions = {
  hashsize: 1024,
  maxelem: 65_536,
  netmask: undefined,
  timeout: undefined,
  counters: false,
  comment: false,
  skbinfo: false,
  forceadd: false,
  range: [0, 65_535],
  size: 8,
};
const SMALLEST_HASH = 64;

/** Words of a line; double quotes hold blanks together. */
export function splitWords(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
}

function powerOfTwo(value: number): number {
  let size = SMALLEST_HASH;
  while (size < value) size *= 2;
  return size;
}

function parseRange(text: string): readonly [number, number] {
  const [low = '', high = low] = text.split('-');
  const [from, to] = [Number(low), Number(high)];
  if (!(from >= 0 && to <= 65_535)) throw new IpSetError(`Syntax error: '${text}' is out of range 0-65535`);
  return from <= to ? [from, to] : [to, from];
}

/** Reads them. */
export function parseSetOptions(type: SetType, words: readonly string[]): SetOptions {
  let options = DEFAULTS;
  let ranged = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    if (word === 'counters' || word === 'comment' || word === 'skbinfo' || word === 'forceadd') {
      options = { ...options, [word]: true };
      continue;
    }
    const value = words[++i];
    if (value === undefined) throw new IpSetError(`Missing mandatory argument of option \`${word}'`);
    if (word === 'family') {
      if (value !== 'inet') throw new IpSetError(`Set family '${value}' is not modelled: only inet is`);
    } else if (word === 'hashsize') options = { ...options, hashsize: powerOfTwo(Number(value)) };
    else if (word === 'maxelem' || word === 'timeout' || word === 'size' || word === 'netmask')
      options = { ...options, [word]: Number(value) };
    else if (word === 'range') {
      options = { ...options, range: parseRange(value) };
      ranged = true;
    } else if (word !== 'bucketsize' && word !== 'initval')
      throw new IpSetError(`Unknown argument: \`${word}'\nTry \`ipset help' for more information.`, 2);
  }
  if (type.name === 'bitmap:port' && !ranged)
    throw new IpSetError("Mandatory option `range' is missing\nTry `ipset help' for more information.", 2);
  return options;
}
