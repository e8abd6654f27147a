/**
 * Runs users' scripts in QuickJS, a small JavaScript engine compiled to WebAssembly: an interpreter of its own, whose world has nothing
 * but the language. What it costs is counted in steps (calls and turns of loops), so an endless loop ends at the same step on every
 * machine. The engine itself is passed in by the edge that has loaded it.
 */
import { OVERRUN } from './user-plugin.ts';
import type { ProgramLimits, UserPluginHost, UserProgram } from './user-plugin.ts';

/** A value inside the engine. */
interface Handle {
  dispose(): void;
}

type Result = { value: Handle; error?: undefined } | { error: Handle; value?: undefined };

/** The part of `QuickJSContext` (quickjs-emscripten-core) that is used. */
interface Context {
  readonly undefined: Handle;
  readonly global: Handle;
  evalCode(code: string, file?: string): Result;
  callFunction(called: Handle, self: Handle, ...args: Handle[]): Result;
  getProp(of: Handle, name: string): Handle;
  newString(text: string): Handle;
  typeof(handle: Handle): string;
  dump(handle: Handle): unknown;
  dispose(): void;
}

/** The part of `QuickJSRuntime` that is used. */
interface Runtime {
  setMemoryLimit(bytes: number): void;
  setMaxStackSize(bytes: number): void;
  setInterruptHandler(interrupt: () => boolean): void;
  newContext(): Context;
  dispose(): void;
}

/** The part of `QuickJSWASMModule` that is used. */
export interface QuickJsEngine {
  newRuntime(): Runtime;
}

/** The functions that a script may define. */
const POINTS = ['filter', 'score', 'schedule'];
const MEMORY = 2 * 1024 * 1024;
const STACK = 256 * 1024;
/** The engine asks after every 10,000 steps whether to go on. */
const MAX_QUESTIONS = 200;
/** So many times the budget of a call may be spent on putting in place what it is given. */
const GIVING = 10;
const MAX_STEPS = '2,000,000';

/** Takes away what differs from run to run, and makes what scripts are given unchangeable. */
const PRELUDE = `
delete globalThis.Date;
delete globalThis.performance;
const parse = JSON.parse;
{
  // One call of a built-in function is one step, however much it does: what it reads and makes is paid for by turns of a loop.
  const { apply, ownKeys, getPrototypeOf } = Reflect;
  const isArray = Array.isArray;
  const sizeOf = (value) => (typeof value === 'string' || isArray(value) || ArrayBuffer.isView(value) ? value.length : 0);
  const pay = (size) => { for (let turns = size >> 4; turns > 0; turns--); };
  const wrap = (owner, name) => {
    const native = owner[name];
    const times = /sort|split|replace|match|search|exec|test|stringify|parse/i.test(name) ? 16 : 1;
    const reads = !/^(push|pop|at|char|code|starts|ends|sub|slice|keys|values|entries)/.test(name);
    owner[name] = { [name](...given) {
      if (reads) pay(times * (sizeOf(this) + sizeOf(given[0])));
      const made = apply(native, this, given);
      pay(times * sizeOf(made));
      return made;
    } }[name];
  };
  for (const owner of [String.prototype, Array.prototype, getPrototypeOf(Uint8Array.prototype), JSON, RegExp.prototype]) {
    for (const name of ownKeys(owner)) {
      const { value, writable } = Object.getOwnPropertyDescriptor(owner, name);
      if (typeof name !== 'string' || name === 'constructor' || typeof value !== 'function' || !writable) continue;
      wrap(owner, name);
    }
  }
}
Math.random = () => { throw new Error('a scheduler or plugin has no Math.random: the same question must have the same answer'); };
globalThis.__read = (text) => {
  const freeze = (value) => {
    if (typeof value === 'object' && value !== null) { for (const key in value) freeze(value[key]); Object.freeze(value); }
    return value;
  };
  return freeze(parse(text));
};
`;
const FIND = `globalThis.__functions = {
  filter: typeof filter === 'function' ? filter : undefined,
  score: typeof score === 'function' ? score : undefined,
  schedule: typeof schedule === 'function' ? schedule : undefined,
};`;

/** "export function score" is what editors suggest; the script is no module. */
const withoutExports = (source: string) =>
  source.replaceAll(/^export\s+(?:default\s+)?(?=(?:async\s+)?(?:function|const|let|class)\b)/gm, '');

class QuickJsProgram implements UserProgram {
  readonly functions: readonly string[];
  readonly #runtime: Runtime;
  readonly #context: Context;
  readonly #calls = new Map<string, Handle>();
  readonly #read: Handle;
  #questions = 0;
  #pod: { of: unknown; handle: Handle } | undefined;
  #disposed = false;

  readonly #again: () => QuickJsProgram;
  #fresh: QuickJsProgram | undefined;

  constructor(engine: QuickJsEngine, source: string, limits: ProgramLimits) {
    this.#again = () => new QuickJsProgram(engine, source, limits);
    this.#runtime = engine.newRuntime();
    this.#runtime.setMemoryLimit(limits.memory);
    this.#runtime.setMaxStackSize(STACK);
    this.#runtime.setInterruptHandler(() => ++this.#questions > MAX_QUESTIONS);
    this.#context = this.#runtime.newContext();
    this.#run(PRELUDE, 'prelude.js');
    this.#run(withoutExports(source), 'plugin.js');
    this.#run(FIND, 'find.js');
    const { global } = this.#context;
    this.#read = this.#context.getProp(global, '__read');
    const found = this.#context.getProp(global, '__functions');
    this.functions = POINTS.filter((name) => {
      const handle = this.#context.getProp(found, name);
      const defined = this.#context.typeof(handle) === 'function';
      if (defined) this.#calls.set(name, handle);
      else handle.dispose();
      return defined;
    });
    found.dispose();
  }

  call(name: string, pod: unknown, ...others: readonly unknown[]): unknown {
    const called = this.#calls.get(name);
    if (called === undefined || this.#disposed) throw new Error(`there is no function ${name}`);
    const { handle } = this.#podGiven(pod);
    const given: Handle[] = [];
    try {
      for (const other of others) given.push(this.#given(other));
      return this.#take(() => this.#context.callFunction(called, this.#context.undefined, handle, ...given));
    } finally {
      for (const handle of given) handle.dispose();
    }
  }

  /** A pod is asked about many times in a row. */
  #podGiven(pod: unknown): { of: unknown; handle: Handle } {
    const known = this.#pod;
    if (known !== undefined && known.of === pod) return known;
    known?.handle.dispose();
    this.#pod = undefined;
    const given = { of: pod, handle: this.#given(pod) };
    this.#pod = given;
    return given;
  }

  fresh(): UserProgram {
    this.#fresh?.dispose();
    return (this.#fresh = this.#again());
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#fresh?.dispose();
    this.#pod?.handle.dispose();
    for (const handle of this.#calls.values()) handle.dispose();
    this.#read.dispose();
    this.#context.dispose();
    this.#runtime.dispose();
  }

  #run(code: string, file: string): void {
    this.#take(() => this.#context.evalCode(code, file));
  }

  #given(value: unknown): Handle {
    // What a script is given, however much, is not on its account.
    this.#questions = -MAX_QUESTIONS * GIVING;
    const text = this.#context.newString(JSON.stringify(value));
    const { value: read, error } = this.#context.callFunction(this.#read, this.#context.undefined, text);
    text.dispose();
    if (error !== undefined) throw this.#errorOf(error);
    return read;
  }

  /** Runs within a fresh budget and takes the answer out of the engine. */
  #take(run: () => Result): unknown {
    this.#questions = 0;
    const { value, error } = run();
    if (error !== undefined) throw this.#errorOf(error);
    const answer = this.#context.dump(value);
    value.dispose();
    return answer;
  }

  #errorOf(handle: Handle): Error {
    const error = this.#context.dump(handle) as { name?: string; message?: string; stack?: string } | undefined;
    handle.dispose();
    if (this.#questions > MAX_QUESTIONS) {
      return new Error(`it was stopped after ${MAX_STEPS} steps: ${OVERRUN}`);
    }
    const { name = 'Error', message = String(error), stack = '' } = error ?? {};
    const line = /plugin\.js:(\d+)/.exec(stack)?.[1];
    return new Error(`${name}: ${message}${line === undefined ? '' : ` (line ${line})`}`);
  }
}

/** The host that runs scripts in the engine. */
export const quickJsHost = (engine: QuickJsEngine): UserPluginHost => ({
  compile: (source, limits = { memory: MEMORY }) => new QuickJsProgram(engine, source, limits),
});
