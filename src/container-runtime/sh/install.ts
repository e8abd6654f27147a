/** Puts the simulated shell and its tools in place. */
import { installUserland } from '../userland.ts';
import { scriptProgram, shellProgram } from './programs.ts';
import { utilityProgram } from './utilities/table.ts';

/** Call once per process, before containers of users run. */
export function installShell(): void {
  installUserland({ shellProgram, scriptProgram, utilityProgram });
}
