/** Field selectors: parse, match, split, escape, unescape. */
import { escapeFieldValue, parseFieldSelector, splitFieldTerms, unescapeFieldValue } from '../../src/apimachinery/fields.ts';
import type { Area } from '../area.ts';

export const run: Area['run'] = (input) => {
  const {
    op,
    text = '',
    fields = {},
    value = '',
    escaped = '',
  } = input as {
    op: string;
    text?: string;
    fields?: Record<string, string>;
    value?: string;
    escaped?: string;
  };
  switch (op) {
    case 'parse':
      return { canonical: parseFieldSelector(text).toString() };
    case 'match':
      return { match: parseFieldSelector(text).matches((field) => fields[field]) };
    case 'split':
      return { terms: splitFieldTerms(text) };
    case 'escape':
      return { escaped: escapeFieldValue(value) };
    case 'unescape':
      return { value: unescapeFieldValue(escaped) };
    default:
      throw new Error(`unknown op ${op}`);
  }
};
