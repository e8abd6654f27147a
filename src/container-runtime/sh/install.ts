/** Puts the simulated shell and its tools in place. */
import { installUserland } from '../userland.ts';
import { isShell, isUtility } from './names.ts';
import { scriptProgram, shellProgram } from './programs.ts';
import { utilityProgram } from './utilities/table.ts';

/** Call once per process, before containers of users run. */
export function installShell(): void {
  installUserland({
    programFor: (name, kind, more) => {
      if (isShell(name, kind)) return shellProgram;
      return isUtility(name, kind, more) ? utilityProgram : undefined;
    },
    scriptProgram,
  });
}
