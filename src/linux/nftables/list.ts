/** Tables as `nft list table` prints them. */
import { parseIpv4 } from '../net/ipv4.ts';
import { verdictText } from './rule-parser.ts';
import type { BaseChain, NftChain, NftElement, NftSet, NftTable } from './types.ts';

/** One table. Sets come before chains, each in the order of creation. */
export function listTable({ family, name, comment, sets, chains }: NftTable): string {
  const blocks = [...[...sets.values()].map(setText), ...[...chains.values()].map(chainText)];
  const head = comment === '' ? '' : `\tcomment "${comment}"\n`;
  return `table ${family} ${name} {\n${head}${blocks.join('\n')}}\n`;
}

function setText({ name, isMap, type, comment, flags, timeoutSeconds, elements }: NftSet): string {
  const lines = [`type ${type}`];
  if (flags.includes('dynamic')) lines.push('size 65535');
  if (flags.length > 0) lines.push(`flags ${flags.join(',')}`);
  if (timeoutSeconds > 0) lines.push(`timeout ${durationText(timeoutSeconds)}`);
  if (comment !== '') lines.push(`comment "${comment}"`);
  if (elements.size > 0) lines.push(`elements = { ${elementsText([...elements.values()], isMap)} }`);
  return `\t${isMap ? 'map' : 'set'} ${name} {\n${lines.map((line) => `\t\t${line}\n`).join('')}\t}\n`;
}

const NEXT_LINE = ',\n\t\t\t     ';

/** Sorted; addresses two a line, what is put together one a line. */
function elementsText(elements: readonly NftElement[], isMap: boolean): string {
  const sorted = [...elements].sort((one, other) => compareKeys(one.key, other.key));
  let text = '';
  for (const [index, { key, comment, verdict }] of sorted.entries()) {
    if (index > 0) text += !isMap && index % 2 === 1 ? ', ' : NEXT_LINE;
    text += `${key}${comment === '' ? '' : ` comment "${comment}"`}${verdict === undefined ? '' : ` : ${verdictText(verdict)}`}`;
  }
  return text;
}

const PROTOCOL_NUMBERS: Readonly<Record<string, number>> = { tcp: 6, udp: 17, sctp: 132 };
const valueOf = (part: string): number => parseIpv4(part) ?? PROTOCOL_NUMBERS[part] ?? Number(part);

function compareKeys(one: string, other: string): number {
  const others = other.split(' . ');
  for (const [index, part] of one.split(' . ').entries()) {
    const difference = valueOf(part) - valueOf(others[index] ?? '');
    if (difference !== 0) return difference;
  }
  return 0;
}

/** 10800 as "3h". */
function durationText(seconds: number): string {
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ];
  return parts.map(([count, unit]) => (count === 0 ? '' : `${count}${unit}`)).join('');
}

function chainText({ name, comment, base, rules }: NftChain): string {
  const lines: string[] = [];
  if (comment !== '') lines.push(`comment "${comment}"`);
  if (base !== undefined) lines.push(`type ${base.type} hook ${base.hook} priority ${priorityText(base)}; policy accept;`);
  for (const rule of rules) lines.push(rule.comment === '' ? rule.text : `${rule.text} comment "${rule.comment}"`);
  return `\tchain ${name} {\n${lines.map((line) => `\t\t${line}\n`).join('')}\t}\n`;
}

/** Priorities near one with a name are printed by it; two of the names belong to one hook only. */
function priorityText({ hook, priority }: BaseChain): string {
  const names: [string, number][] = [
    ['raw', -300],
    ['mangle', -150],
    ['filter', 0],
    ['security', 50],
  ];
  if (hook === 'prerouting') names.push(['dstnat', -100]);
  if (hook === 'postrouting') names.push(['srcnat', 100]);
  for (const [name, value] of names) {
    const offset = priority - value;
    if (offset === 0) return name;
    if (Math.abs(offset) <= 10) return `${name} ${offset > 0 ? '+' : '-'} ${Math.abs(offset)}`;
  }
  return String(priority);
}
