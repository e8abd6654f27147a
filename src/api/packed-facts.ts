/**
 * How the generated field facts are packed: one text a type, unpacked when the type is first asked for. Most of the types are never
 * looked at in a run, and a text costs the worker's start much less than an object literal.
 *
 *   text  = field "=" fact { ";" field "=" fact }
 *   fact  = { "[" | "<" } ( code | ">" ref ) [ "~" ] [ "!" ] [ " " JSON ]
 *
 * "[" is a list of what follows, "<" a map of it, ">" an object of that type; "~" says that the innermost value is atomic, "!" that the
 * field is required. The JSON holds the field's other properties.
 */
import type { FieldFact, TypeFacts } from './generated/field-facts.ts';

/** Values without parts by their code. */
export const VALUE_CODES: Readonly<Record<string, FieldFact>> = {
  s: { type: 'string' },
  i: { type: 'integer', format: 'int32' },
  I: { type: 'integer', format: 'int64' },
  j: { type: 'integer' },
  n: { type: 'number' },
  d: { type: 'number', format: 'double' },
  b: { type: 'boolean' },
  a: { type: 'any' },
  q: { type: 'quantity' },
  x: { type: 'intOrString' },
  t: { type: 'time' },
  u: { type: 'microTime' },
  y: { type: 'bytes' },
};

const FACT = /^([[<]*)(?:(\w)|>([\w.]+))(~?)(!?)(?: (.*))?$/;

/** A fact out of its packed form. */
function unpackFact(packed: string): FieldFact {
  const [, wrappers = '', code = '', ref, atomic, required, rest] = FACT.exec(packed) ?? [];
  let fact: FieldFact = ref === undefined ? (VALUE_CODES[code] ?? { type: 'any' }) : { type: 'object', ref };
  if (atomic) fact = { ...fact, atomic: true };
  for (const wrapper of [...wrappers].reverse()) fact = { type: wrapper === '[' ? 'array' : 'map', items: fact };
  if (required) fact = { ...fact, required: true };
  return rest === undefined ? fact : { ...fact, ...(JSON.parse(rest) as Partial<FieldFact>) };
}

/** A type's facts out of its text. */
function unpackType(text: string): TypeFacts {
  const fields = text === '' ? [] : text.split(';');
  return Object.fromEntries(
    fields.map((field) => {
      const at = field.indexOf('=');
      return [field.slice(0, at), unpackFact(field.slice(at + 1))];
    }),
  );
}

/** All types, each made when it is first read. */
export const unpackTypes = (texts: Readonly<Record<string, string>>): Readonly<Record<string, TypeFacts>> =>
  lazyRecord(Object.keys(texts), (name) => unpackType(texts[name] ?? ''));

/** An object with these keys, whose values are made when they are first read. */
export function lazyRecord<T>(names: readonly string[], make: (name: string) => T): Readonly<Record<string, T>> {
  const record: Record<string, T> = {};
  for (const name of names) {
    Object.defineProperty(record, name, {
      enumerable: true,
      configurable: true,
      get(): T {
        const value = make(name);
        Object.defineProperty(record, name, { enumerable: true, value });
        return value;
      },
    });
  }
  return record;
}
