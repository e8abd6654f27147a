/** Rules as `iptables -L` prints them (`iptables/xshared.c`, print_rule_details and its like). */
import type { Chain } from './chain.ts';
import type { InterfaceMatch, Rule } from './rule.ts';
import { formatAddressMask, formatProtocol } from './values.ts';

/** Options of -L. */
export interface ListOptions {
  /** -n */
  readonly numeric: boolean;
  /** -v */
  readonly verbose: boolean;
  /** --line-numbers */
  readonly lineNumbers: boolean;
  /** -x */
  readonly exact: boolean;
}

const LARGEST_PLAIN = 99_999;
const UNITS = ['K', 'M', 'G', 'T'];

/** Counters above 99,999 in thousands and so on. */
function shortNumber(value: number, exact: boolean): string {
  if (exact || value <= LARGEST_PLAIN) return `${value}`;
  let scaled = value;
  for (const unit of UNITS) {
    scaled = Math.round(scaled / 1000);
    if (scaled <= 9999 || unit === 'T') return `${scaled}${unit}`;
  }
  return `${value}`;
}

function addressText(address: number, mask: number, inverted: boolean, numeric: boolean): string {
  const any = mask === 0 && !inverted;
  const text = any ? (numeric ? '0.0.0.0/0' : 'anywhere') : formatAddressMask({ address, mask }, false);
  return `${inverted ? '!' : ' '}${text.padEnd(19)} `;
}

const deviceText = (match: InterfaceMatch | undefined, numeric: boolean): string =>
  match === undefined ? (numeric ? '*' : 'any') : `${match.inverted ? '!' : ''}${match.name}`;

function protocolText({ protocol, protocolInverted }: Rule, numeric: boolean): string {
  const name = numeric ? `${protocol}` : protocol === 0 ? 'all' : formatProtocol(protocol);
  return `${protocolInverted ? '!' : ' '}${name.padEnd(4)} `;
}

const detailsOf = ({ matches, target }: Rule): string =>
  [...matches.map((match) => match.listing()), target.listing()]
    .filter((text) => text !== '')
    .map((text) => ` ${text}`)
    .join('');

function ruleLine(rule: Rule, number: number, counters: readonly [number, number], options: ListOptions): string {
  const { numeric, verbose, lineNumbers, exact } = options;
  const { target } = rule;
  const parts = [
    lineNumbers ? `${number}`.padEnd(5) : '',
    verbose ? counters.map((count) => `${shortNumber(count, exact).padStart(5)} `).join('') : '',
    `${(target.listedName ?? target.name).padEnd(9)} `,
    `${protocolText(rule, numeric)}${rule.fragment === undefined ? '--' : rule.fragment ? '-f' : '!f'} `,
    verbose ? ` ${deviceText(rule.input, numeric).padEnd(6)} ${deviceText(rule.output, numeric).padEnd(6)} ` : '',
    addressText(rule.source, rule.sourceMask, rule.sourceInverted, numeric),
    addressText(rule.destination, rule.destinationMask, rule.destinationInverted, numeric),
    target.kind === 'goto' ? '[goto] ' : '',
    detailsOf(rule),
  ];
  return parts.join('');
}

function heading({ verbose, lineNumbers }: ListOptions): string {
  const counted = verbose ? ' pkts bytes ' : '';
  const devices = verbose ? 'in     out     ' : '';
  return `${lineNumbers ? 'num  ' : ''}${counted}target     prot opt ${devices}source               destination         `;
}

/** `-L` of these chains; with `number` only that rule. */
export function listChains(chains: readonly Chain[], number: number | undefined, options: ListOptions): string {
  const lines: string[] = [];
  chains.forEach((chain, index) => {
    if (number === undefined) {
      if (index > 0) lines.push('');
      const [packets, bytes] = chain.policyCounters().map((count) => shortNumber(count, options.exact));
      const counted = options.verbose ? ` ${packets} packets, ${bytes} bytes` : '';
      const about = chain.policy === undefined ? `${chain.references} references` : `policy ${chain.policy}${counted}`;
      lines.push(`Chain ${chain.name} (${about})`, heading(options));
    }
    chain.rules.forEach((rule, position) => {
      if (number === undefined || number === position + 1) lines.push(ruleLine(rule, position + 1, chain.counters(position), options));
    });
  });
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

/** What `iptables -v -A …` prints of a rule. */
export function verboseRule(rule: Rule): string {
  const mask = (address: number, bits: number, inverted: boolean) =>
    `${inverted ? '!' : ''}${bits === 0 ? '0.0.0.0/0' : formatAddressMask({ address, mask: bits }, false)}`;
  const where = `in ${deviceText(rule.input, true)} out ${deviceText(rule.output, true)}`;
  const ends = `${mask(rule.source, rule.sourceMask, rule.sourceInverted)}  -> ${mask(rule.destination, rule.destinationMask, rule.destinationInverted)}`;
  const protocol = `${rule.protocolInverted ? '!' : ''}${rule.protocol === 0 ? 'all' : formatProtocol(rule.protocol)}`;
  return `${rule.target.name}  ${protocol} opt -- ${where}  ${ends}  ${detailsOf(rule)}\n`;
}
