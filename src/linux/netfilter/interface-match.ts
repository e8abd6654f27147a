/** Names of interfaces in rules: "eth0", or "eth+" for all that begin with "eth". */
import type { InterfaceMatch } from './rule.ts';
import { UsageError } from './tool-error.ts';

/** IFNAMSIZ - 1 */
const LONGEST_NAME = 15;

/** Reads a name. */
export function parseInterface(name: string, inverted: boolean): InterfaceMatch {
  if (name === '') throw new UsageError('Empty interface is likely to be undesired');
  if (name.length > LONGEST_NAME) throw new UsageError(`interface name \`${name}' must be shorter than IFNAMSIZ (${LONGEST_NAME})`);
  return { name, prefix: name.endsWith('+') ? name.slice(0, -1) : undefined, inverted };
}

/** Whether a device of this name is meant; "" where there is none. */
export const interfaceMatches = ({ name, prefix, inverted }: InterfaceMatch, device: string): boolean =>
  (prefix === undefined ? device === name : device.startsWith(prefix)) !== inverted;
