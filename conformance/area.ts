/**
 * What an area of the conformance suites is: a module `areas/<area>.ts` that computes what Kubarium answers to a
 * case. The format of the suites is in README.md.
 */

/** One case of a suite file. */
export interface Case {
  readonly area?: string;
  readonly name: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Only the keys present are compared; `error: true` means the call must be refused. */
  readonly expected: Readonly<Record<string, unknown>>;
  readonly source?: string;
  readonly note?: string;
}

/** One suite file. */
export interface SuiteFile {
  readonly area: string;
  readonly cases: readonly Case[];
  /** Whatever else the file defines for its cases. */
  readonly [key: string]: unknown;
}

/** What a case may look at besides its input. */
export interface Suite {
  /** The file the case is in. */
  readonly file: SuiteFile;
  /** Another JSON file of the same folder, e.g. "schemas.json". */
  readJson(name: string): unknown;
}

/** An area module. */
export interface Area {
  /** Answers a case with the keys its `expected` may have; throws where Kubernetes refuses. */
  run(input: Readonly<Record<string, unknown>>, suite: Suite): Readonly<Record<string, unknown>>;
  /** Replaces plain equality for one key, where the order of a list does not matter and the like. */
  equal?(key: string, actual: unknown, expected: unknown, testCase: Case): boolean;
}
