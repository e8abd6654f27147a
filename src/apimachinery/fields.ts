/**
 * Field selectors: "spec.nodeName=node-1,status.phase!=Running" (`k8s.io/apimachinery/pkg/fields/selector.go`).
 * A field that the object lacks reads as "". Which fields a kind knows is the registry's matter.
 */
import { badRequest } from './status.ts';

/** One term. */
export interface FieldRequirement {
  readonly field: string;
  readonly operator: '=' | '!=';
  /** Unescaped. */
  readonly value: string;
}

/** A parsed field selector. */
export interface FieldSelector {
  /** True when all terms hold; `get` returns the value of a field, "" or undefined when it has none. */
  matches(get: (field: string) => string | undefined): boolean;
  /** The value the field must have, if the selector demands exactly one (`RequiresExactMatch`). */
  requiresExactMatch(field: string): string | undefined;
  readonly requirements: readonly FieldRequirement[];
  readonly empty: boolean;
  toString(): string;
}

/** A selector of AND-ed terms. */
export function fieldSelectorOf(requirements: readonly FieldRequirement[]): FieldSelector {
  return {
    requirements,
    empty: requirements.length === 0,
    matches: (get) => requirements.every(({ field, operator, value }) => ((get(field) ?? '') === value) === (operator === '=')),
    requiresExactMatch: (name) => requirements.find(({ field, operator }) => field === name && operator === '=')?.value,
    toString: () => requirements.map(({ field, operator, value }) => `${field}${operator}${escapeFieldValue(value)}`).join(','),
  };
}

/** Puts a backslash before backslash, comma and equals sign (`fields.EscapeValue`). */
export function escapeFieldValue(value: string): string {
  return value.replace(/[\\,=]/g, (character) => `\\${character}`);
}

/** The inverse of `escapeFieldValue`. Throws BadRequest for an unknown escape or a bare comma or equals sign (`fields.UnescapeValue`). */
export function unescapeFieldValue(text: string): string {
  let value = '';
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index);
    if (character === ',' || character === '=')
      throw badRequest(`invalid field selector: unescaped character in value: ${character.charCodeAt(0)}`);
    if (character !== '\\') {
      value += character;
      continue;
    }
    const escaped = text.charAt(++index);
    if (escaped !== '\\' && escaped !== ',' && escaped !== '=') {
      throw badRequest(`invalid field selector: invalid escape sequence: \\${escaped}`);
    }
    value += escaped;
  }
  return value;
}

/** Splits at unescaped commas (`splitTerms`). */
export function splitFieldTerms(text: string): string[] {
  if (text === '') return [];
  const terms: string[] = [];
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    if (text.charAt(index) === '\\') index++;
    else if (text.charAt(index) === ',') {
      terms.push(text.slice(start, index));
      start = index + 1;
    }
  }
  terms.push(text.slice(start));
  return terms;
}

/** Reads a field selector (`fields.ParseSelector`). The empty text matches everything. Throws BadRequest. */
export function parseFieldSelector(text: string): FieldSelector {
  const requirements: FieldRequirement[] = [];
  for (const term of splitFieldTerms(text).sort()) {
    if (term === '') continue;
    const match = /^(.*?)(!=|==|=)(.*)$/s.exec(term);
    if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    const [, field = '', operator, value = ''] = match;
    requirements.push({ field, operator: operator === '!=' ? '!=' : '=', value: unescapeFieldValue(value) });
  }
  return fieldSelectorOf(requirements);
}
