/** Arithmetic: `$((…))` and `((…))`, on 64-bit integers as far as a double holds them. */
import type { ArithmeticBinary, ArithmeticExpression, ArithmeticUnary, ArithmeticWord } from 'unbash';
import { ExitShell, type Shell } from './shell.ts';

/** Expands `$x` inside of an expression. */
export type ExpandOperand = (shell: Shell, word: ArithmeticWord) => string;

/** Variables in an operand by their values; for where no other parameters can stand. */
export const plainOperand: ExpandOperand = (shell, word) =>
  word.value.replace(/\$\{?(\w+)\}?/g, (_whole, name: string) => shell.variables.get(name) ?? '');

const OPERATORS: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '**': (a, b) => a ** b,
  '<<': (a, b) => a * 2 ** b,
  '>>': (a, b) => Math.floor(a / 2 ** b),
  '<': (a, b) => Number(a < b),
  '>': (a, b) => Number(a > b),
  '<=': (a, b) => Number(a <= b),
  '>=': (a, b) => Number(a >= b),
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
  '^': (a, b) => a ^ b,
  ',': (_a, b) => b,
};

/** The value of an expression; variables may change. */
export function evaluate(shell: Shell, expression: ArithmeticExpression | undefined, expand: ExpandOperand): number {
  switch (expression?.type) {
    case 'ArithmeticWord':
      return valueOf(shell, expand(shell, expression));
    case 'ArithmeticGroup':
      return evaluate(shell, expression.expression, expand);
    case 'ArithmeticTernary':
      return evaluate(shell, evaluate(shell, expression.test, expand) !== 0 ? expression.consequent : expression.alternate, expand);
    case 'ArithmeticUnary':
      return unary(shell, expression, expand);
    case 'ArithmeticBinary':
      return binary(shell, expression, expand);
    default:
      return 0;
  }
}

/** A number, or the number in a variable. */
function valueOf(shell: Shell, text: string, depth = 0): number {
  const word = text.trim();
  if (word === '') return 0;
  if (/^0[0-7]+$/.test(word)) return parseInt(word, 8);
  if (/^(\d+|0[xX][0-9a-fA-F]+)$/.test(word)) return Number(word);
  if (/^-\d+$/.test(word)) return Number(word);
  if (/^[a-zA-Z_]\w*$/.test(word) && depth < 16) return valueOf(shell, shell.variables.get(word) ?? '', depth + 1);
  shell.complain('arithmetic syntax error');
  throw new ExitShell(2);
}

function unary(shell: Shell, { operator, operand, prefix }: ArithmeticUnary, expand: ExpandOperand): number {
  const value = evaluate(shell, operand, expand);
  if (operator === '++' || operator === '--') {
    const next = operator === '++' ? value + 1 : value - 1;
    if (operand.type === 'ArithmeticWord') shell.variables.set(operand.value, String(next));
    return prefix ? next : value;
  }
  if (operator === '-') return -value;
  if (operator === '!') return Number(value === 0);
  return operator === '~' ? ~value : value;
}

function binary(shell: Shell, { operator, left, right }: ArithmeticBinary, expand: ExpandOperand): number {
  if (operator === '&&') return Number(evaluate(shell, left, expand) !== 0 && evaluate(shell, right, expand) !== 0);
  if (operator === '||') return Number(evaluate(shell, left, expand) !== 0 || evaluate(shell, right, expand) !== 0);
  const assigns = operator.endsWith('=') && !['==', '!=', '<=', '>='].includes(operator);
  const b = evaluate(shell, right, expand);
  if (!assigns) return calculate(shell, operator, evaluate(shell, left, expand), b);
  const value = operator === '=' ? b : calculate(shell, operator.slice(0, -1), evaluate(shell, left, expand), b);
  if (left.type === 'ArithmeticWord') shell.variables.set(left.value, String(value));
  return value;
}

function calculate(shell: Shell, operator: string, a: number, b: number): number {
  if (operator === '/' || operator === '%') {
    if (b === 0) {
      shell.complain('divide by zero');
      throw new ExitShell(2);
    }
    return operator === '/' ? Math.trunc(a / b) : a % b;
  }
  return OPERATORS[operator]?.(a, b) ?? 0;
}
