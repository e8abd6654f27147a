/** Which program a container runs for a name: the image's own programs, its scripts, or the tools of its userland. */
import { normalisePath } from '../linux/fs/file-system.ts';
import type { Executable } from '../linux/process.ts';
import type { Container } from './container.ts';
import { behaviourProgram } from './programs/behaviour.ts';
import { userland } from './userland.ts';

/** Where programs of an image lie. */
const DIRECTORIES = ['/bin', '/sbin', '/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin', '/', '/opt', '/app'];

/** The program for `argv[0]`; undefined when there is none: ENOENT. */
export function findProgram(container: Container, name: string): Executable | undefined {
  const { spec } = container.image;
  const slash = name.lastIndexOf('/');
  const base = name.slice(slash + 1);
  const native = container.image.natives.get(base);
  if (native !== undefined) return native;
  const behaviour = spec.programs?.[name] ?? spec.programs?.[base];
  if (behaviour !== undefined) return behaviourProgram(behaviour, container.image);
  const script = scriptAt(container, name);
  if (script !== undefined) return userland().scriptProgram(script);
  if (slash >= 0 && !DIRECTORIES.includes(name.slice(0, slash) || '/')) return undefined;
  if (spec.userland === 'none') return undefined;
  return userland().programFor(base, spec.userland, spec.tools ?? []);
}

/** A file that can be run. Differs: the execute permission is not modelled; a first line "#!" is enough. */
function scriptAt(container: Container, name: string): string | undefined {
  if (!name.includes('/')) return undefined;
  const path = normalisePath(name, container.workingDir);
  const content = container.fs.read(path);
  return content?.startsWith('#!') ? path : undefined;
}

/** runc's words for a command that is not there. */
export const notExecutable = (name: string): string =>
  name.includes('/')
    ? `exec: "${name}": stat ${name}: no such file or directory: unknown`
    : `exec: "${name}": executable file not found in $PATH: unknown`;
