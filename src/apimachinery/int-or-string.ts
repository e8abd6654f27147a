/**
 * A number or a percentage, as in `maxSurge: 25%` (`k8s.io/apimachinery/pkg/util/intstr/intstr.go`).
 */
import { badRequest } from './status.ts';
import { isPercent } from './names.ts';

/** `intstr.IntOrString`. */
export type IntOrString = number | string;

/**
 * The number itself, or the percentage of `total` rounded as asked (`GetScaledValueFromIntOrPercent`).
 * Example: "25%" of 10 is 3 rounded up (maxSurge) and 2 rounded down (maxUnavailable). Throws BadRequest.
 */
export function scaledValue(intOrPercent: IntOrString | undefined, total: number, roundUp: boolean): number {
  if (intOrPercent === undefined) throw badRequest('nil value for IntOrString');
  if (typeof intOrPercent === 'number') return intOrPercent;
  if (!intOrPercent.endsWith('%')) throw badRequest('invalid value for IntOrString: invalid type: string is not a percentage');
  const digits = intOrPercent.slice(0, -1);
  if (!/^[+-]?[0-9]+$/.test(digits)) {
    const quoted = JSON.stringify(intOrPercent);
    throw badRequest(
      `invalid value for IntOrString: invalid value ${quoted}: strconv.Atoi: parsing ${JSON.stringify(digits)}: invalid syntax`,
    );
  }
  const share = (Number(digits) * total) / 100;
  return roundUp ? Math.ceil(share) : Math.floor(share);
}

/** The number before "%" of a well-formed percentage, undefined for anything else. */
export function percentOf(intOrPercent: IntOrString): number | undefined {
  if (typeof intOrPercent === 'number' || isPercent(intOrPercent).length > 0) return undefined;
  return Number(intOrPercent.slice(0, -1));
}
