/** Placeholders in the texts of simulated programs, and the ways in which real ones write the time. */
import { formatIpv4 } from '../../linux/net/ipv4.ts';
import type { Process } from '../../linux/process.ts';
import type { Image } from '../images/image.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

const two = (number: number): string => String(number).padStart(2, '0');

/** A time as a program's log writes it, in UTC: "nginx", "iso", "redis", "postgres", "apache", "clf" or "klog". */
export function formatLogTime(style: string, ms: number): string {
  const date = new Date(ms);
  const iso = date.toISOString();
  const [day, clock, millis] = [iso.slice(0, 10), iso.slice(11, 19), iso.slice(20, 23)];
  const month = MONTHS[date.getUTCMonth()] ?? '';
  const dayOfMonth = two(date.getUTCDate());
  switch (style) {
    case 'nginx':
      return `${day.replaceAll('-', '/')} ${clock}`;
    case 'redis':
      return `${dayOfMonth} ${month} ${day.slice(0, 4)} ${clock}.${millis}`;
    case 'postgres':
      return `${day} ${clock}.${millis} UTC`;
    case 'apache':
      return `${DAYS[date.getUTCDay()] ?? ''} ${month} ${dayOfMonth} ${clock}.${millis}000 ${day.slice(0, 4)}`;
    case 'clf':
      return `${dayOfMonth}/${month}/${day.slice(0, 4)}:${clock} +0000`;
    case 'klog':
      return `${day.slice(5, 7)}${dayOfMonth} ${clock}.${millis}000`;
    default:
      return `${iso.slice(0, 23)}000Z`;
  }
}

/** A text between placeholders, or a placeholder. */
type Part = string | { readonly whole: string; readonly name: string; readonly argument: string | undefined };

const MAX_TEMPLATES = 256;
const templates = new Map<string, readonly Part[]>();

/** A text with placeholders, taken apart; images have few of them and their servers fill them often. */
function partsOf(text: string): readonly Part[] {
  const known = templates.get(text);
  if (known !== undefined) return known;
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(/\{([a-zA-Z]+)(?::([^{}]*))?\}/g)) {
    const [whole, name = '', argument] = match;
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push({ whole, name, argument });
    end = match.index + whole.length;
  }
  if (end < text.length) parts.push(text.slice(end));
  if (templates.size >= MAX_TEMPLATES) templates.clear();
  templates.set(text, parts);
  return parts;
}

/** Fills {hostname}, {ip}, {tag}, {pid}, {env:NAME}, {time:STYLE} and what `extra` has; unknown ones stay as they are. */
export function fill(text: string, process: Process, image: Image, extra?: (name: string) => string | undefined): string {
  if (!text.includes('{')) return text;
  let filled = '';
  for (const part of partsOf(text)) {
    if (typeof part === 'string') {
      filled += part;
      continue;
    }
    const { whole, name, argument } = part;
    const own = extra?.(argument === undefined ? name : `${name}:${argument}`);
    filled += own ?? common(process, image, name, argument ?? '') ?? whole;
  }
  return filled;
}

function common(process: Process, image: Image, name: string, argument: string): string | undefined {
  switch (name) {
    case 'hostname':
      return process.context.hostname;
    case 'ip':
      return formatIpv4(process.context.netns.addresses[0] ?? 0);
    case 'tag':
      return image.tag;
    case 'pid':
      return String(process.nsPid);
    case 'env':
      return process.context.environment().get(argument) ?? '';
    case 'time':
      return formatLogTime(argument, process.now);
    default:
      return undefined;
  }
}

/** Lines as one text that ends each with a newline. */
export const joinLines = (lines: readonly string[] | undefined): string =>
  lines === undefined || lines.length === 0 ? '' : `${lines.join('\n')}\n`;
