/** Interpreters of languages. Only the one-liners of well-known tutorials run; everything else is told so, and fails. */
import type { Process } from '../../linux/process.ts';
import { sleep, type Program } from '../../linux/syscalls.ts';
import type { InterpreterBehaviour } from '../images/image.ts';

const MS_PER_DIGIT = 2;
const MAX_DIGITS = 5000;

/** Pi with `digits` digits in all, "3" included, by Machin's formula: 16 arctan(1/5) - 4 arctan(1/239). */
export function pi(digits: number): string {
  const guard = 10;
  const unit = 10n ** BigInt(digits + guard);
  const value = 16n * arctanInverse(5n, unit) - 4n * arctanInverse(239n, unit);
  const text = (value / 10n ** BigInt(guard + 1)).toString();
  return `${text.slice(0, 1)}.${text.slice(1)}`;
}

/** arctan(1/x) in units of 1/unit: 1/x - 1/(3 x^3) + 1/(5 x^5) - ... */
function arctanInverse(x: bigint, unit: bigint): bigint {
  let power = unit / x;
  let total = power;
  const square = x * x;
  for (let n = 3n, sign = -1n; power > 0n; n += 2n, sign = -sign) {
    power /= square;
    total += (sign * power) / n;
  }
  return total;
}

/** `perl`, `python` and the like. Without a script they read an empty input and end. */
export function* interpreter(process: Process, { language }: InterpreterBehaviour): Program {
  const script = process.argv.slice(1).join(' ');
  if (script === '' || script === '-a') return 0;
  if (/^(-V|-v|--version)$/.test(script)) return 0;
  const digits = /print bpi\((\d+)\)/.exec(script);
  if (language === 'perl' && digits !== null) {
    const count = Math.min(Number(digits[1]), MAX_DIGITS);
    process.use({ milliCpu: 1000, memoryBytes: 16 * 1024 * 1024 });
    yield* sleep(count * MS_PER_DIGIT);
    process.print(`${pi(count)}\n`);
    return 0;
  }
  const printed = /^-u? ?-?c ?print\((["'])(.*)\1\)$/.exec(script);
  if (language === 'python' && printed !== null) {
    process.print(`${printed[2] ?? ''}\n`);
    return 0;
  }
  process.printError(`${process.argv[0] ?? ''}: scripts of this language are not simulated\n`);
  return 1;
}
