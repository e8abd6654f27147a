/**
 * Checks a document against the fields of its kind: unknown, misspelt and misplaced fields, missing ones, values of the
 * wrong type. What the apiserver's strict decoding refuses (`k8s.io/apimachinery/pkg/runtime/serializer/json`), with a
 * repair where one is clear.
 */
import { isMap, isScalar, isSeq } from 'yaml';
import type { Node, Pair, Scalar, YAMLMap } from 'yaml';
import { tryParseQuantity } from '../../../apimachinery/quantity.ts';
import type { FieldFact, TypeFacts } from '../../../api/generated/field-facts.ts';
import { fieldsOf } from './field-types.ts';
import { joinPath, rangeOfNode, resolved } from './paths.ts';
import type { Located } from './paths.ts';
import { explainUnknown } from './misplaced.ts';
import type { Finding, FindingCode, Fix } from '../../model/findings.ts';

/** An object on the way down from the top, for fields that belong further up. */
export interface Level {
  type: string;
  path: string;
  map: YAMLMap;
}

/** A walk through one object of a text. */
export interface Walk extends Located {
  text: string;
  index: number;
  findings: Finding[];
}

/** Upstream's OpenAPI calls these required, yet the apiserver fills them in. */
const DEFAULTED = new Set(['rbac.v1.RoleRef.apiGroup']);

/** Maps of base64, which upstream's OpenAPI calls plain text. */
const BASE64 = new Set(['core.v1.Secret.data', 'core.v1.ConfigMap.binaryData']);
const base64Map: FieldFact = { type: 'map', items: { type: 'bytes' } };

/** Adds a finding of the first grade. */
export function blocks(
  walk: Walk,
  code: FindingCode,
  path: string,
  node: Node | null | undefined,
  params: Record<string, string>,
  fix?: Fix,
): void {
  walk.findings.push({ grade: 'blocks', code, params, range: rangeOfNode(walk, node), document: walk.index, path, ...(fix && { fix }) });
}

/** Checks the object at `node`; `status` is left out, since the apiserver drops it. */
export function checkFields(walk: Walk, node: Node | undefined, type: string): void {
  if (isMap(node)) checkObject(walk, node, type, '', []);
}

function checkObject(walk: Walk, map: YAMLMap, type: string, path: string, above: readonly Level[]): void {
  const facts = fieldsOf(type);
  if (!facts) return;
  const levels = [...above, { type, path, map }];
  let merged = false;
  for (const pair of map.items as Pair<Node, Node | null>[]) {
    if (!isScalar(pair.key)) continue;
    const key = String(pair.key.value);
    if (key === '<<') merged = true;
    else if (path === '' && key === 'status') continue;
    else checkPair(walk, pair, key, facts[key], levels);
  }
  if (!merged) checkRequired(walk, map, facts, levels);
}

function checkPair(walk: Walk, pair: Pair<Node, Node | null>, key: string, fact: FieldFact | undefined, levels: readonly Level[]): void {
  const here = levels[levels.length - 1];
  const path = joinPath(here?.path ?? '', key);
  if (!fact) explainUnknown(walk, pair, key, levels);
  else if (fact.newer) blocks(walk, 'newerField', path, pair.key, { field: key });
  else checkValue(walk, pair.value, BASE64.has(`${here?.type ?? ''}.${key}`) ? base64Map : fact, path, levels);
}

function checkRequired(walk: Walk, map: YAMLMap, facts: TypeFacts, levels: readonly Level[]): void {
  const here = levels[levels.length - 1];
  if (!here) return;
  for (const [key, fact] of Object.entries(facts)) {
    if (!fact.required || map.has(key) || DEFAULTED.has(`${here.type}.${key}`)) continue;
    const above =
      here.path
        .replace(/\[\d+\]$/, '')
        .split('.')
        .pop() ?? '';
    const first = map.items[0]?.key as Node | undefined;
    blocks(walk, 'missingField', joinPath(here.path, key), first ?? map, { field: key, of: above });
  }
}

function checkValue(walk: Walk, written: Node | null, fact: FieldFact, path: string, levels: readonly Level[]): void {
  const node = resolved(walk.document, written);
  if (!node || (isScalar(node) && node.value === null)) return;
  if (fact.type === 'any') return;
  if (fact.type === 'object') {
    if (!isMap(node)) wrongType(walk, node, path, 'map');
    else if (fact.ref) checkObject(walk, node, fact.ref, path, levels);
  } else if (fact.type === 'map') {
    if (!isMap(node)) wrongType(walk, node, path, 'map');
    else
      for (const { key, value } of node.items as Pair<Node, Node | null>[])
        if (isScalar(key) && fact.items) checkValue(walk, value, fact.items, joinPath(path, String(key.value)), levels);
  } else if (fact.type === 'array') {
    if (!isSeq(node)) wrongType(walk, node, path, 'list', wrapping(walk, node));
    else node.items.forEach((item, at) => fact.items && checkValue(walk, item as Node, fact.items, `${path}[${String(at)}]`, levels));
  } else if (!isScalar(node)) wrongType(walk, node, path, EXPECTED[fact.type] ?? 'string');
  else checkScalar(walk, node, fact, path);
}

const EXPECTED: Partial<Record<FieldFact['type'], string>> = {
  integer: 'integer',
  number: 'number',
  boolean: 'boolean',
  intOrString: 'integerOrString',
  quantity: 'quantity',
};

function checkScalar(walk: Walk, node: Scalar, fact: FieldFact, path: string): void {
  const { value } = node;
  const isText = typeof value === 'string';
  switch (fact.type) {
    case 'integer':
    case 'number':
    case 'boolean': {
      const right = fact.type === 'integer' ? Number.isInteger(value) : typeof value === fact.type;
      const meant = fact.type === 'boolean' ? /^(true|false)$/ : fact.type === 'integer' ? /^-?\d+$/ : /^-?\d+(\.\d+)?$/;
      if (!right) wrongType(walk, node, path, fact.type, isText && meant.test(value) ? replacing(walk, node, 'unquote', value) : undefined);
      return;
    }
    case 'intOrString':
      if (!isText && typeof value !== 'number') wrongType(walk, node, path, 'integerOrString');
      return;
    case 'quantity':
      if (!isText && typeof value !== 'number') wrongType(walk, node, path, 'quantity');
      else if (tryParseQuantity(value) === undefined) blocks(walk, 'badQuantity', path, node, { value: String(value) });
      return;
    default:
      if (!isText) wrongType(walk, node, path, 'string', replacing(walk, node, 'quote', JSON.stringify(sourceOf(walk, node))));
      else if (fact.type === 'bytes') checkBase64(walk, node, value, path);
      else if (fact.enum && value !== '' && !fact.enum.includes(value)) badEnum(walk, node, value, fact.enum, path);
  }
}

function badEnum(walk: Walk, node: Scalar, value: string, allowed: readonly string[], path: string): void {
  const meant = allowed.find((text) => text.toLowerCase() === value.toLowerCase());
  blocks(walk, 'badEnum', path, node, { value, allowed: allowed.join(', ') }, meant ? replacing(walk, node, 'value', meant) : undefined);
}

function checkBase64(walk: Walk, node: Scalar, value: string, path: string): void {
  const compact = value.replace(/\s/g, '');
  if (/^[A-Za-z0-9+/]*={0,2}$/.test(compact) && compact.length % 4 === 0) return;
  const encoded = btoa(String.fromCharCode(...new TextEncoder().encode(value)));
  blocks(walk, 'badBase64', path, node, {}, value.length < 10_000 ? replacing(walk, node, 'encode', encoded) : undefined);
}

/** What the value is, in the words of the panel (`editor.type.<word>`). */
function kindOfNode(node: Node): string {
  if (isMap(node)) return 'map';
  if (isSeq(node)) return 'list';
  const value: unknown = isScalar(node) ? node.value : undefined;
  return typeof value === 'number' || typeof value === 'bigint' ? 'number' : typeof value === 'boolean' ? 'boolean' : 'string';
}

function wrongType(walk: Walk, node: Node, path: string, expected: string, fix?: Fix): void {
  const range = rangeOfNode(
    walk,
    isMap(node) ? (node.items[0]?.key as Node | undefined) : isSeq(node) ? (node.items[0] as Node | undefined) : node,
  );
  const params = { expected, got: kindOfNode(node), field: path.split('.').pop() ?? path };
  walk.findings.push({ grade: 'blocks', code: 'wrongType', params, range, document: walk.index, path, ...(fix && { fix }) });
}

function sourceOf({ text }: Walk, node: Node): string {
  return node.range ? text.slice(node.range[0], node.range[1]) : '';
}

function replacing(walk: Walk, node: Node, code: Fix['code'], text: string): Fix {
  return { code, params: { text: text.length > 40 ? `${text.slice(0, 40)}…` : text }, edits: [{ ...rangeOfNode(walk, node), text }] };
}

function wrapping(walk: Walk, node: Node): Fix | undefined {
  if (!isScalar(node)) return undefined;
  return replacing(walk, node, 'wrap', `[${sourceOf(walk, node)}]`);
}
