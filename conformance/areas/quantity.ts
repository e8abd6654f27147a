/** Quantities: parse, format, compare, add, sub, JSON. Amounts in the cases are exact decimal texts. */
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  multiplyQuantity,
  parseQuantity,
  roundUpQuantity,
  subtractQuantities,
} from '../../src/apimachinery/quantity.ts';
import type { Area } from '../area.ts';
import type { Quantity, QuantityFormat } from '../../src/apimachinery/quantity.ts';

interface Amount {
  value: string;
  format: QuantityFormat;
}

const quantityOf = ({ value, format }: Amount): Quantity => ({ nano: parseQuantity(value).nano, format });

function decimal({ nano }: Quantity): string {
  const digits = String(nano < 0n ? -nano : nano).padStart(10, '0');
  const fraction = digits.slice(-9).replace(/0+$/, '');
  return `${nano < 0n ? '-' : ''}${digits.slice(0, -9)}${fraction && `.${fraction}`}`;
}

export const run: Area['run'] = (input) => {
  const { op, text = '', json = '', a, b } = input as { op: string; text?: string; json?: string; a: unknown; b: unknown };
  switch (op) {
    case 'parse': {
      const quantity = parseQuantity(text);
      return { value: decimal(quantity), format: quantity.format, canonical: formatQuantity(quantity) };
    }
    case 'format':
      return { canonical: formatQuantity(quantityOf(input as unknown as Amount)) };
    case 'json':
      return { canonical: canonicalQuantity(String(JSON.parse(json)).trim()) };
    case 'compare':
      return { result: compareQuantities(parseQuantity(a as string), parseQuantity(b as string)) };
    case 'add':
      return { value: decimal(addQuantities(quantityOf(a as Amount), quantityOf(b as Amount))) };
    case 'sub':
      return { value: decimal(subtractQuantities(quantityOf(a as Amount), quantityOf(b as Amount))) };
    case 'mul':
      return { value: decimal(multiplyQuantity(quantityOf(a as Amount), BigInt(String(b)))) };
    case 'roundUp':
      return { value: decimal(roundUpQuantity(quantityOf(input as unknown as Amount), Number(input['scale']))) };
    default:
      throw new Error(`unknown op ${op}`);
  }
};
