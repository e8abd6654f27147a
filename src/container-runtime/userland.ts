/**
 * The place of the shell and its tools. They are a good part of all code and no system container needs them, so whoever runs a
 * cluster puts them in place before the first pod of a user comes: the worker loads them while the page is being drawn.
 */
import { assert } from '../apimachinery/assert.ts';
import type { Executable } from '../linux/process.ts';
import type { Userland as UserlandKind } from './images/image.ts';

/** Programs of busybox and GNU userlands. */
export interface Userland {
  /** The shell or tool called `name` of an image with this userland and these further tools; undefined when it has none. */
  programFor(name: string, kind: UserlandKind, more: readonly string[]): Executable | undefined;
  /** A script of the container, by its path. */
  scriptProgram(path: string): Executable;
}

let installed: Userland | undefined;

/** Puts the programs in place, for all clusters of this process. */
export function installUserland(programs: Userland): void {
  installed = programs;
}

/** The programs. */
export function userland(): Userland {
  assert(installed !== undefined, 'the shell has not been installed: call installShell() before containers run');
  return installed;
}
