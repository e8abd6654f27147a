/** `test` and `[`: conditions on files, texts and numbers. */
import type { FileSystem } from '../../linux/fs/file-system.ts';

/** What `test` needs of the shell or process that runs it. */
export interface TestContext {
  readonly process: { readonly context: { readonly fs: FileSystem } };
  path(text: string): string;
  complain(message: string): void;
}

const NUMERIC: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '-eq': (a, b) => a === b,
  '-ne': (a, b) => a !== b,
  '-lt': (a, b) => a < b,
  '-le': (a, b) => a <= b,
  '-gt': (a, b) => a > b,
  '-ge': (a, b) => a >= b,
};

const TEXTUAL: Readonly<Record<string, (a: string, b: string) => boolean>> = {
  '=': (a, b) => a === b,
  '==': (a, b) => a === b,
  '!=': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '>': (a, b) => a > b,
};

/** 0 when true, 1 when false, 2 when it makes no sense. */
export function testExpression(context: TestContext, words: readonly string[]): number {
  const or = words.length > 3 ? words.lastIndexOf('-o') : -1;
  if (or > 0) return both(testExpression(context, words.slice(0, or)), testExpression(context, words.slice(or + 1)), (a, b) => a || b);
  const and = words.length > 3 ? words.lastIndexOf('-a') : -1;
  if (and > 0) return both(testExpression(context, words.slice(0, and)), testExpression(context, words.slice(and + 1)), (a, b) => a && b);
  if (words[0] === '!' && words.length > 1) {
    const status = testExpression(context, words.slice(1));
    return status > 1 ? status : 1 - status;
  }
  if (words[0] === '(' && words.at(-1) === ')') return testExpression(context, words.slice(1, -1));
  const [first = '', second = '', third = ''] = words;
  if (words.length === 0) return 1;
  if (words.length === 1) return Number(first === '');
  if (words.length === 2) return unary(context, first, second);
  if (words.length === 3) return binary(context, first, second, third);
  context.complain('too many arguments');
  return 2;
}

function both(a: number, b: number, join: (a: boolean, b: boolean) => boolean): number {
  return a > 1 || b > 1 ? 2 : Number(!join(a === 0, b === 0));
}

function unary(context: TestContext, operator: string, operand: string): number {
  const { fs } = context.process.context;
  const path = context.path(operand);
  switch (operator) {
    case '-n':
      return Number(operand === '');
    case '-z':
      return Number(operand !== '');
    case '-f':
      return Number(fs.read(path) === undefined);
    case '-d':
      return Number(!fs.isDirectory(path));
    case '-s':
      return Number((fs.read(path) ?? '') === '');
    case '-e':
    case '-r':
    case '-w':
    case '-x':
      return Number(!fs.exists(path));
    case '-t':
    case '-L':
    case '-h':
    case '-p':
    case '-S':
      return 1;
    default:
      context.complain(`${operator}: unknown operand`);
      return 2;
  }
}

function binary(context: TestContext, left: string, operator: string, right: string): number {
  const textual = TEXTUAL[operator];
  if (textual !== undefined) return Number(!textual(left, right));
  const numeric = NUMERIC[operator];
  if (numeric === undefined) {
    context.complain(`${operator}: unknown operand`);
    return 2;
  }
  const bad = [left, right].find((text) => !/^\s*[-+]?\d+\s*$/.test(text));
  if (bad !== undefined) {
    context.complain(`${bad}: bad number`);
    return 2;
  }
  return Number(!numeric(Number(left), Number(right)));
}
