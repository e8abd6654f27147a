/**
 * Exact resource quantities: "500m", "1Gi", "2e3" (`k8s.io/apimachinery/pkg/api/resource/quantity.go`).
 * An amount is a BigInt count of nano units, the smallest that upstream can represent; whatever is smaller is rounded
 * away from zero when parsed. `milliValue` and `value` answer the scheduler's question from a table keyed by text.
 */
import { ownEntry } from './own-entry.ts';
import { badRequest } from './status.ts';

/** How a quantity prints: powers of 1024 with "Ki", powers of 1000 with "k", or "e3". */
export type QuantityFormat = 'BinarySI' | 'DecimalSI' | 'DecimalExponent';

/** An amount with the format it prints in. */
export interface Quantity {
  /** Amount times 10^9. */
  readonly nano: bigint;
  readonly format: QuantityFormat;
  /** The text as written, when upstream keeps it (it looks canonical already, e.g. "1.234k"). */
  readonly text?: string;
}

/** A quantity in an API object; JSON numbers are allowed. */
export type QuantityText = string | number;

const NANO = 1_000_000_000n;
const MAX_INT64 = (1n << 63n) - 1n;
const PATTERN = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/;
const FORMAT_ERROR = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const SUFFIX_ERROR = "unable to parse quantity's suffix";
const NUMERIC_ERROR = 'unable to parse numeric part of quantity';
/** Digits that fit an int64 for certain: longer numbers take upstream's slow path, which forgets the text. */
const MAX_INT64_DIGITS = 18;
const MAX_EXPONENT = 1000;

const DECIMAL_SUFFIXES: Record<string, number> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY_SUFFIXES: Record<string, number> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };

interface Suffix {
  readonly format: QuantityFormat;
  readonly exponent: number;
}

function readSuffix(suffix: string): Suffix {
  const decimal = ownEntry(DECIMAL_SUFFIXES, suffix);
  if (decimal !== undefined) return { format: 'DecimalSI', exponent: decimal };
  const binary = ownEntry(BINARY_SUFFIXES, suffix);
  if (binary !== undefined) return { format: 'BinarySI', exponent: binary };
  if (!/^[eE][-+]?[0-9]+$/.test(suffix)) throw badRequest(SUFFIX_ERROR);
  const exponent = Number(suffix.slice(1));
  if (Math.abs(exponent) > MAX_EXPONENT) throw badRequest(NUMERIC_ERROR);
  return { format: 'DecimalExponent', exponent };
}

/** Divides rounding away from zero, as all rounding of quantities does. */
function divideUp(amount: bigint, divisor: bigint): bigint {
  const quotient = amount / divisor;
  if (quotient * divisor === amount) return quotient;
  return amount < 0n ? quotient - 1n : quotient + 1n;
}

const power = (exponent: number): bigint => 10n ** BigInt(exponent);

/** Upstream's fast path, and with it the rule which texts are kept as written. */
function keepsText({ format, exponent }: Suffix, digits: string, fraction: string): boolean {
  if (format === 'BinarySI') {
    const precision = 15 - digits.length - Math.trunc((exponent * 3) / 10) - 1;
    return fraction === '' && precision >= 0 && BigInt(digits) % 8n !== 0n;
  }
  const shifted = digits + fraction;
  const scale = exponent - fraction.length;
  return shifted.length <= MAX_INT64_DIGITS && scale >= -9 && scale % 3 === 0 && !shifted.endsWith('000') && !shifted.startsWith('0');
}

function parse(text: string): Quantity {
  const match = PATTERN.exec(text);
  if (!match || text === '') throw badRequest(FORMAT_ERROR);
  const [, sign, integer = '', fraction = '', suffixText = ''] = match;
  const digits = integer.replace(/^0+/, '') || '0';
  const suffix = readSuffix(suffixText);
  // amount = digits.fraction * 10^exponent or * 2^exponent; in nano units 9 decimal places are left.
  const binary = suffix.format === 'BinarySI';
  const places = fraction.length - 9 - (binary ? 0 : suffix.exponent);
  let amount = BigInt(digits + fraction);
  if (binary) amount <<= BigInt(suffix.exponent);
  amount = places > 0 ? divideUp(amount, power(places)) : amount * power(-places);
  let format = suffix.format;
  if (binary && amount > MAX_INT64 * NANO) amount = MAX_INT64 * NANO;
  if (binary && amount > 0n && amount < NANO) format = 'DecimalSI';
  const nano = sign === '-' ? -amount : amount;
  return keepsText(suffix, digits, fraction) ? { nano, format, text } : { nano, format };
}

/** Texts in a cluster are few; the bound only guards against a flood of different ones. */
const MEMO_LIMIT = 4096;

/** A function of a text, computed once per text. */
function memoised<T>(compute: (text: string) => T): (text: QuantityText) => T {
  const memo = new Map<string, T>();
  return (input) => {
    const text = typeof input === 'string' ? input : String(input);
    let result = memo.get(text);
    if (result === undefined) {
      result = compute(text);
      if (memo.size >= MEMO_LIMIT) memo.clear();
      memo.set(text, result);
    }
    return result;
  };
}

/** Reads a quantity. Throws BadRequest with upstream's text (`resource.ParseQuantity`). */
export const parseQuantity: (text: QuantityText) => Quantity = memoised((text) => Object.freeze(parse(text)));

/** Like `parseQuantity`, but undefined for what is not a quantity. */
export function tryParseQuantity(text: QuantityText): Quantity | undefined {
  try {
    return parseQuantity(text);
  } catch {
    return undefined;
  }
}

/** Thousandths, rounded away from zero: "1.5" is 1500 (`MilliValue`). The unit of cpu. Exact up to 2^53. */
export const milliValue: (text: QuantityText) => number = memoised((text) => milliValueOf(parseQuantity(text)));

/** Whole units, rounded away from zero: "1Ki" is 1024 (`Value`). The unit of memory and counts. Exact up to 2^53. */
export const value: (text: QuantityText) => number = memoised((text) => valueOf(parseQuantity(text)));

/** `milliValue` of a quantity that is read already. */
export const milliValueOf = ({ nano }: Quantity): number => Number(divideUp(nano, 1_000_000n));

/** `value` of a quantity that is read already. */
export const valueOf = ({ nano }: Quantity): number => Number(divideUp(nano, NANO));

/** A quantity of `amount` whole units, e.g. bytes. */
export const quantityOf = (amount: number | bigint, format: QuantityFormat = 'DecimalSI'): Quantity => ({
  nano: BigInt(amount) * NANO,
  format,
});

/** A quantity of `amount` thousandths, e.g. milli-cpu (`NewMilliQuantity`). */
export const milliQuantityOf = (amount: number | bigint, format: QuantityFormat = 'DecimalSI'): Quantity => ({
  nano: BigInt(amount) * 1_000_000n,
  format,
});

/** -1, 0 or 1 (`Cmp`). */
export function compareQuantities(a: Quantity, b: Quantity): number {
  return a.nano < b.nano ? -1 : a.nano > b.nano ? 1 : 0;
}

/** The format of a sum or difference is the left side's, unless that is zero. */
const formatOf = (a: Quantity, b: Quantity): QuantityFormat => (a.nano === 0n ? b.format : a.format);

/** `Add`. */
export const addQuantities = (a: Quantity, b: Quantity): Quantity => ({ nano: a.nano + b.nano, format: formatOf(a, b) });

/** `Sub`. */
export const subtractQuantities = (a: Quantity, b: Quantity): Quantity => ({ nano: a.nano - b.nano, format: formatOf(a, b) });

/** `Mul` by a whole number. */
export const multiplyQuantity = (a: Quantity, factor: number | bigint): Quantity => ({ nano: a.nano * BigInt(factor), format: a.format });

/** Rounds away from zero to a multiple of 10^scale; scale -3 is milli (`RoundUp`). */
export function roundUpQuantity(quantity: Quantity, scale: number): Quantity {
  const unit = power(Math.max(0, scale + 9));
  const nano = divideUp(quantity.nano, unit) * unit;
  return nano === quantity.nano ? quantity : { nano, format: quantity.format };
}

/** Takes factors of `base` out of `amount`, at most `limit` of them. */
function reduce(amount: bigint, base: bigint, limit: number): { mantissa: bigint; count: number } {
  let [mantissa, count] = [amount, 0];
  while (count < limit && mantissa % base === 0n) {
    mantissa /= base;
    count++;
  }
  return { mantissa, count };
}

const suffixFor = (table: Record<string, number>, exponent: number): string =>
  Object.keys(table).find((suffix) => table[suffix] === exponent) ?? '';

/**
 * The canonical text: no fraction, the largest suffix that keeps the number whole (`CanonicalizeBytes`). BinarySI
 * below 1024, or with a fraction, prints as DecimalSI. A text kept as written wins.
 * Differs: from 10^21 on, DecimalSI keeps the suffix "E"; upstream has no suffix there and prints a wrong number.
 */
export function formatQuantity({ nano, format, text }: Quantity): string {
  if (text !== undefined) return text;
  if (nano === 0n) return '0';
  const magnitude = nano < 0n ? -nano : nano;
  if (format === 'BinarySI' && magnitude >= 1024n * NANO && magnitude % NANO === 0n) {
    const { mantissa, count } = reduce(nano / NANO, 1024n, 6);
    return `${mantissa}${count === 0 ? '' : suffixFor(BINARY_SUFFIXES, count * 10)}`;
  }
  const exponential = format === 'DecimalExponent';
  const { mantissa, count } = reduce(nano, 1000n, exponential ? Infinity : 9);
  const exponent = count * 3 - 9;
  if (exponential) return exponent === 0 ? `${mantissa}` : `${mantissa}e${exponent}`;
  return `${mantissa}${suffixFor(DECIMAL_SUFFIXES, exponent)}`;
}

/** The text the API stores for a quantity that a user wrote: "1024Mi" becomes "1Gi". Throws BadRequest. */
export const canonicalQuantity: (text: QuantityText) => string = memoised((text) => formatQuantity(parseQuantity(text)));
