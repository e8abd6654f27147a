/** Names of shells and tools in the userlands of images. */
import type { Userland } from '../images/image.ts';
import { UTILITIES } from './utilities/table.ts';

/** Tools that busybox images have and Debian images do not, or the other way round. */
const ONLY_BUSYBOX = new Set(['wget', 'nslookup', 'nc', 'ping', 'ip', 'ifconfig', 'vi', 'netstat', 'ps', 'top', 'uptime', 'free']);
const ONLY_DEBIAN = new Set(['curl', 'nproc']);
/** Tools that an image must name. */
const NEITHER = new Set(['dig', 'host']);

/** Whether `name` is a shell here. */
export const isShell = (name: string, userland: Userland): boolean =>
  userland !== 'none' && (name === 'sh' || (userland === 'busybox' ? name === 'ash' : name === 'bash' || name === 'dash'));

/** Whether `name` is a tool here. */
export const isUtility = (name: string, userland: Userland, more: readonly string[] = []): boolean =>
  userland !== 'none' &&
  UTILITIES.has(name) &&
  (more.includes(name) || !(NEITHER.has(name) || (userland === 'busybox' ? ONLY_DEBIAN : ONLY_BUSYBOX).has(name)));
