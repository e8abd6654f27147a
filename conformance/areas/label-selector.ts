/** Label selectors: parse, match, format, single requirements, and `metav1.LabelSelector`. */
import { everything, labelSelectorAsSelector, nothing, selectorOf, validateRequirement } from '../../src/apimachinery/labels.ts';
import { parseSelector } from '../../src/apimachinery/label-selector-parser.ts';
import { deepEqual } from '../../src/apimachinery/freeze.ts';
import type { Area } from '../area.ts';
import type { LabelSelector } from '../../src/apimachinery/meta.ts';
import type { Requirement } from '../../src/apimachinery/labels.ts';

interface Input {
  op: string;
  text?: string;
  labels?: Record<string, string>;
  requirements?: Requirement[];
  selector?: LabelSelector | null;
  key?: string;
  operator?: string;
  values?: string[];
}

export const run: Area['run'] = (input) => {
  const { op, text = '', labels, requirements = [], selector, key = '', operator = '', values = [] } = input as unknown as Input;
  switch (op) {
    case 'parse': {
      const parsed = parseSelector(text);
      return { canonical: parsed.toString(), requirements: parsed.requirements };
    }
    case 'match':
      return { match: parseSelector(text).matches(labels) };
    case 'format':
      return { canonical: selectorOf(requirements).toString() };
    case 'requirement': {
      const errors = validateRequirement(key, operator, values);
      return errors.length === 0 ? { ok: true } : { error: true, fields: errors };
    }
    case 'labelSelector': {
      const compiled = labelSelectorAsSelector(selector);
      return { canonical: compiled.toString(), everything: compiled === everything, nothing: compiled === nothing };
    }
    default:
      throw new Error(`unknown op ${op}`);
  }
};

/** The refused value stands at the head of an error's detail. */
export const equal: Area['equal'] = (key, actual, expected) => {
  if (key !== 'fields') return deepEqual(actual, expected);
  const errors = actual as { field: string; detail: string }[];
  const wanted = expected as { field: string; value: unknown }[];
  return (
    errors.length === wanted.length &&
    wanted.every(({ field, value }, index) => {
      const error = errors[index];
      return error?.field === field && error.detail.startsWith(`Invalid value: ${JSON.stringify(value)}`);
    })
  );
};
