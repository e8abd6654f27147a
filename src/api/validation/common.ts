/**
 * Rules that many kinds use, in upstream's words (`k8s.io/apimachinery/pkg/api/validation/generic.go`,
 * `pkg/apis/meta/v1/validation/validation.go`, `pkg/apis/core/validation/validation.go`).
 */
import { deepEqual } from '../../apimachinery/freeze.ts';
import {
  isDNS1123Label,
  isDNS1123Subdomain,
  isLabelValue,
  isPercent,
  isPortName,
  isPortNumber,
  isQualifiedName,
} from '../../apimachinery/names.ts';
import { labelSelectorAsSelector } from '../../apimachinery/labels.ts';
import { forbiddenField, invalidValue, notSupported, required } from '../../apimachinery/status.ts';
import { percentOf } from '../../apimachinery/int-or-string.ts';
import { validateLabels } from './object-meta.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { IntOrString, LabelSelector } from '../generated/types.ts';

/** What a taint may do, in the order of the texts. */
export const TAINT_EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** `ValidateImmutableField`'s text. */
export const IMMUTABLE = 'field is immutable';
export const NOT_NEGATIVE = 'must be greater than or equal to 0';
export const SELECTOR_MISMATCH = '`selector` does not match template `labels`';
/** The largest value of the API's 32-bit integers. */
export const MAX_INT32 = 2147483647;

/** One finding a message of a name rule. */
export function broken(path: string, value: unknown, messages: readonly string[]): FieldError[] {
  return messages.map((message) => invalidValue(path, value, message));
}

/** `ValidateNonnegativeField`; an absent number is fine. */
export function notNegative(path: string, value: number | undefined): FieldError[] {
  return value !== undefined && value < 0 ? [invalidValue(path, value, NOT_NEGATIVE)] : [];
}

/** A required DNS-1123 label. */
export function requiredLabel(path: string, value: string | undefined): FieldError[] {
  return value ? broken(path, value, isDNS1123Label(value)) : [required(path)];
}

/** A required DNS-1123 subdomain. */
export function requiredSubdomain(path: string, value: string | undefined): FieldError[] {
  return value ? broken(path, value, isDNS1123Subdomain(value)) : [required(path)];
}

/** A value out of a list. Not set is "Required value" when `must`, else fine. */
export function oneOf(path: string, value: string | undefined, supported: readonly string[], must = false): FieldError[] {
  if (value === undefined || value === '') return must ? [required(path)] : [];
  return supported.includes(value) ? [] : [notSupported(path, value, supported)];
}

/** `ValidateImmutableField`, with the value shown as JSON. */
export function immutable(path: string, next: unknown, old: unknown): FieldError[] {
  return deepEqual(next, old) ? [] : [invalidValue(path, next ?? null, IMMUTABLE)];
}

/** An invalid value that Go prints as a struct or map: `text` is what `%#v` makes of it. */
export function invalidGo(path: string, text: string, detail: string): FieldError {
  return { type: 'FieldValueInvalid', field: path, detail: `Invalid value: ${text}: ${detail}` };
}

/** `map[string]string{"a":"b"}`, keys in order. */
export function goMap(map: Readonly<Record<string, string>> | undefined): string {
  if (!map) return 'map[string]string(nil)';
  const entries = Object.keys(map)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${JSON.stringify(map[key])}`);
  return `map[string]string{${entries.join(', ')}}`;
}

/** `v1.LabelSelector{MatchLabels:…, MatchExpressions:…}` */
export function goLabelSelector(selector: LabelSelector): string {
  const expressions = selector.matchExpressions?.map(({ key, operator, values }) => {
    const shown = values ? `[]string{${values.map((value) => JSON.stringify(value)).join(', ')}}` : '[]string(nil)';
    return `v1.LabelSelectorRequirement{Key:${JSON.stringify(key)}, Operator:${JSON.stringify(operator)}, Values:${shown}}`;
  });
  const list = expressions ? `[]v1.LabelSelectorRequirement{${expressions.join(', ')}}` : '[]v1.LabelSelectorRequirement(nil)';
  return `v1.LabelSelector{MatchLabels:${goMap(selector.matchLabels)}, MatchExpressions:${list}}`;
}

/** `intstr.IntOrString{Type:0, IntVal:1, StrVal:""}` */
export function goIntOrString(value: IntOrString): string {
  return typeof value === 'number'
    ? `intstr.IntOrString{Type:0, IntVal:${value}, StrVal:""}`
    : `intstr.IntOrString{Type:1, IntVal:0, StrVal:${JSON.stringify(value)}}`;
}

/** A selector that an update may not change. */
export function immutableSelector(path: string, next: LabelSelector | undefined, old: LabelSelector | undefined): FieldError[] {
  if (deepEqual(next, old)) return [];
  return next ? [invalidGo(path, goLabelSelector(next), IMMUTABLE)] : [invalidGo(path, 'null', IMMUTABLE)];
}

/** `ValidateLabelSelector`. */
export function validateLabelSelector(selector: LabelSelector | undefined, path: string): FieldError[] {
  if (!selector) return [];
  const errors = [...validateLabels(selector.matchLabels, `${path}.matchLabels`)];
  selector.matchExpressions?.forEach(({ key, operator, values = [] }, index) => {
    const at = `${path}.matchExpressions[${index}]`;
    if (operator === 'In' || operator === 'NotIn') {
      if (values.length === 0) errors.push(required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'"));
    } else if (operator === 'Exists' || operator === 'DoesNotExist') {
      if (values.length > 0)
        errors.push(forbiddenField(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"));
    } else errors.push(invalidValue(`${at}.operator`, operator, 'not a valid selector operator'));
    errors.push(...broken(`${at}.key`, key, isQualifiedName(key)));
    values.forEach((value, place) => errors.push(...broken(`${at}.values[${place}]`, value, isLabelValue(value))));
  });
  return errors;
}

/**
 * The selector of a workload: required, well formed, not empty, and matching the labels of its own pods.
 * `noun` ends the text "empty selector is invalid for …".
 */
export function validateWorkloadSelector(selector: LabelSelector | undefined, path: string, noun: string): FieldError[] {
  if (!selector) return [required(path)];
  const errors = validateLabelSelector(selector, path);
  const count = Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions?.length ?? 0);
  if (count === 0) errors.push(invalidGo(path, goLabelSelector(selector), `empty selector is invalid for ${noun}`));
  return errors;
}

/** Whether the selector, well formed or not, picks `labels`. A malformed one is reported elsewhere and counts as matching. */
export function selectorMatches(selector: LabelSelector | undefined, labels: Readonly<Record<string, string>> | undefined): boolean {
  if (!selector) return true;
  try {
    const parsed = labelSelectorAsSelector(selector);
    return parsed.empty || parsed.matches(labels);
  } catch {
    return true;
  }
}

/** `ValidatePositiveIntOrPercent`. */
export function validateIntOrPercent(path: string, value: IntOrString | undefined): FieldError[] {
  if (value === undefined) return [];
  if (typeof value === 'number') return notNegative(path, value);
  return isPercent(value).map((message) => invalidGo(path, goIntOrString(value), message));
}

/** `IsNotMoreThan100Percent`. */
export function atMost100Percent(path: string, value: IntOrString | undefined): FieldError[] {
  if (value === undefined || (percentOf(value) ?? 0) <= 100) return [];
  return [invalidGo(path, goIntOrString(value), 'must not be greater than 100%')];
}

/** 0 or "0%": what may not stand on both sides of a rolling update. */
export function isZero(value: IntOrString | undefined): boolean {
  return value === undefined || (typeof value === 'number' ? value === 0 : percentOf(value) === 0);
}

/** `ValidatePortNumOrName`. */
export function validatePortNumberOrName(path: string, port: IntOrString = 0): FieldError[] {
  return broken(path, port, typeof port === 'number' ? isPortNumber(port) : isPortName(port));
}

const octet = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const IPV4 = new RegExp(`^${octet}(?:\\.${octet}){3}$`);

/** Whether `text` is an IPv4 or IPv6 address (`netutils.ParseIPSloppy`, without leading zeros). */
export function isIP(text = ''): boolean {
  return IPV4.test(text) || isIPv6(text);
}

/** Whether `text` is an IPv6 address. */
export function isIPv6(text = ''): boolean {
  if (!text.includes(':')) return false;
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1);
  const embedded = last !== undefined && IPV4.test(last);
  const words = embedded ? groups.slice(0, -1) : groups;
  const count = words.length + (embedded ? 2 : 0);
  return words.every((word) => /^[0-9a-fA-F]{1,4}$/.test(word)) && (halves.length === 2 ? count < 8 : count === 8);
}

/** Whether `text` is "address/bits". */
export function isCIDR(text = ''): boolean {
  const [address = '', bits = '', ...rest] = text.split('/');
  return rest.length === 0 && /^(0|[1-9]\d{0,2})$/.test(bits) && isIP(address) && Number(bits) <= (isIPv6(address) ? 128 : 32);
}

/** `validation.IsValidIP`. */
export const validateIP = (path: string, value: string): FieldError[] =>
  isIP(value) ? [] : [invalidValue(path, value, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')];

/** `validation.IsValidCIDR`. */
export const validateCIDR = (path: string, value: string): FieldError[] =>
  isCIDR(value) ? [] : [invalidValue(path, value, 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')];
