/** Names of shells and tools in the userlands of images. */
import type { Userland } from '../images/image.ts';

/** Whether `name` is a shell here. */
export const isShell = (name: string, userland: Userland): boolean =>
  name === 'sh' || name === 'ash' || (userland === 'debian' && (name === 'bash' || name === 'dash'));

/** Whether `name` is a tool here. */
export const isUtility = (name: string, _userland: Userland): boolean => ['sleep', 'true', 'false', 'echo'].includes(name);
