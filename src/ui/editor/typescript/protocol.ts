/** What is asked of the worker that takes types out of TypeScript, and what it answers. */

/** A place where the source is no TypeScript; lines and columns count from 1. */
export interface SourceFault {
  line: number;
  column: number;
  message: string;
}

/** JavaScript, or why there is none. */
export interface Stripped {
  code: string;
  faults: readonly SourceFault[];
}

export interface StripQuestion {
  id: number;
  source: string;
}

export type StripAnswer = { id: number; stripped: Stripped } | { id: number; failure: string };
