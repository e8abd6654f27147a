/**
 * Manifests as people paste them: YAML or JSON, many documents, lists. Reading never throws; every fault has its
 * place, and a document with a fault does not hide the others. Faults of the text read as kubectl words them
 * (`sigs.k8s.io/yaml` over go-yaml v2), as far as the two parsers find the same.
 */
import { isMap, isNode, isScalar, LineCounter, parseAllDocuments } from 'yaml';
import type { Document, Tags, YAMLError } from 'yaml';
import type { KubernetesObject } from '../apimachinery/meta.ts';

/** A fault in the text. Lines and columns count from 1. */
export interface ManifestError {
  message: string;
  line: number;
  column: number;
  /** Number of the document in the text, from 0. */
  document: number;
}

/** An object as it was written. */
export interface Manifest {
  object: KubernetesObject;
  /** The line on which the object begins. */
  line: number;
  /** Number of the document in the text, from 0. */
  document: number;
  /** Where in its document the object stands: "" or, within a List, "items[2]". */
  path: string;
}

/** What a text holds. */
export interface ReadManifests {
  manifests: Manifest[];
  errors: ManifestError[];
}

/** The documents of a text with their places. */
export interface ParsedText {
  documents: Document.Parsed[];
  lines: LineCounter;
  /** Why the text was not parsed at all. */
  refused?: string;
}

/** A text longer than this is not read: 4 MiB, well over etcd's 1.5 MiB for one object. */
export const MAX_TEXT_LENGTH = 4 * 1024 * 1024;
const MAX_ALIASES = 100;

/** go-yaml leaves times and numbers to the base of 60 as text, and JSON has no place for the other types of YAML 1.1. */
const NOT_JSON = ['timestamp', 'binary', 'omap', 'pairs', 'set'].map((name) => `tag:yaml.org,2002:${name}`);
const jsonTags = (tags: Tags): Tags =>
  tags.filter((tag) => typeof tag === 'string' || (!NOT_JSON.includes(tag.tag) && !('format' in tag && tag.format === 'TIME')));

/** Parses a text into documents, whose faults stand in `errors` of each. Never throws. */
export function parseText(text: string): ParsedText {
  const lines = new LineCounter();
  if (text.length > MAX_TEXT_LENGTH) {
    const size = (text.length / 1024 / 1024).toFixed(1);
    return { documents: [], lines, refused: `the text is too large: ${size} MiB, the limit is 4 MiB` };
  }
  try {
    const options = {
      lineCounter: lines,
      schema: 'yaml-1.1',
      uniqueKeys: true,
      merge: true,
      customTags: jsonTags,
      logLevel: 'silent',
    } as const;
    const documents = parseAllDocuments(text, { ...options, version: '1.2', prettyErrors: false });
    return { documents: Array.isArray(documents) ? (documents as Document.Parsed[]) : [], lines };
  } catch (error) {
    // The parser recurses: brackets nested some thousand deep exhaust its stack.
    if (error instanceof RangeError) return { documents: [], lines, refused: 'error converting YAML to JSON: yaml: exceeded max depth' };
    throw error;
  }
}

/** Reads every document of a text. */
export function readManifests(text: string): ReadManifests {
  return readParsed(parseText(text));
}

/** Reads the manifests of a parsed text. */
export function readParsed({ documents, lines, refused }: ParsedText): ReadManifests {
  const read: ReadManifests = { manifests: [], errors: [] };
  if (refused !== undefined) read.errors.push({ message: refused, line: 1, column: 1, document: 0 });
  documents.forEach((document, index) => {
    if (document.errors.length > 0) read.errors.push(...faultsOf(document, index, lines));
    else if (document.contents !== null) readDocument(document, index, lines, read);
  });
  return read;
}

/** The faults of one document. What follows a first fault of form is mostly its echo, and left out. */
function faultsOf(document: Document.Parsed, index: number, lines: LineCounter): ManifestError[] {
  const repeated = document.errors.filter(({ code }) => code === 'DUPLICATE_KEY');
  const other = document.errors.find(({ code }) => code !== 'DUPLICATE_KEY');
  const faults = other ? [...repeated, other] : repeated;
  return faults.map((fault) => {
    const { line, col } = lines.linePos(fault.pos[0]);
    return { message: textOf(fault, document, line), line, column: col, document: index };
  });
}

/** go-yaml's words for the parser's finding, or the finding itself where go-yaml has none. */
function textOf(fault: YAMLError, document: Document.Parsed, line: number): string {
  const head = 'error converting YAML to JSON: yaml:';
  switch (fault.code) {
    case 'DUPLICATE_KEY':
      return `${head} unmarshal errors:\n  line ${line}: key ${JSON.stringify(keyAt(document.contents, fault.pos[0]))} already set in map`;
    case 'TAB_AS_INDENT':
      return `${head} line ${line}: found character that cannot start any token`;
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'BLOCK_IN_FLOW':
      return `${head} line ${line}: mapping values are not allowed in this context`;
    default: {
      const text = fault.message.split('\n', 1)[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? fault.message;
      return `${head} line ${line}: ${text.charAt(0).toLowerCase()}${text.slice(1)}`;
    }
  }
}

/** The text of the key that starts at `offset`, searched downwards through the nodes that cover it. */
function keyAt(node: unknown, offset: number): string {
  if (!isNode(node) || !node.range || offset < node.range[0] || offset >= node.range[2]) return '';
  if (isScalar(node)) return '';
  const items = (isMap(node) ? node.items : 'items' in node ? node.items : []) as unknown[];
  for (const item of items) {
    const { key, value } = (isNode(item) ? { key: undefined, value: item } : item) as { key: unknown; value: unknown };
    if (isScalar(key) && key.range?.[0] === offset) return String(key.value);
    const found = keyAt(value, offset);
    if (found) return found;
  }
  return '';
}

function readDocument(document: Document.Parsed, index: number, lines: LineCounter, read: ReadManifests): void {
  const lineOf = (path: (string | number)[]): number => {
    const node = path.length === 0 ? document.contents : document.getIn(path, true);
    return isNode(node) && node.range ? lines.linePos(node.range[0]).line : 1;
  };
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    const line = lineOf([]);
    const bomb = error instanceof ReferenceError && error.message.includes('Excessive alias');
    const why = bomb ? 'document contains excessive aliasing' : error instanceof Error ? error.message : String(error);
    read.errors.push({ message: `error converting YAML to JSON: yaml: ${why}`, line, column: 1, document: index });
    return;
  }
  if (value !== null && value !== undefined) add(value, [], { index, lineOf, read });
}

interface Reading {
  index: number;
  lineOf: (path: (string | number)[]) => number;
  read: ReadManifests;
}

function add(value: unknown, path: (string | number)[], reading: Reading): void {
  const { index, lineOf, read } = reading;
  const line = lineOf(path);
  const fail = (message: string) => read.errors.push({ message, line, column: 1, document: index });
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    fail(`error validating data: invalid object to validate: got ${Array.isArray(value) ? 'a list' : typeof value}, expected a map`);
    return;
  }
  const { apiVersion, kind, metadata, items } = value as { apiVersion?: unknown; kind?: unknown; metadata?: unknown; items?: unknown };
  if (typeof apiVersion !== 'string' || apiVersion === '') fail('error validating data: apiVersion not set');
  else if (typeof kind !== 'string' || kind === '') fail('error validating data: kind not set');
  else if (kind.endsWith('List') && Array.isArray(items)) items.forEach((item, at) => add(item, [...path, 'items', at], reading));
  else if (!isNamed(metadata)) fail('error when creating: resource name may not be empty');
  else {
    const where = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('');
    read.manifests.push({ object: value as KubernetesObject, line, document: index, path: where.slice(1) });
  }
}

function isNamed(metadata: unknown): boolean {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return false;
  const { name, generateName } = metadata as { name?: unknown; generateName?: unknown };
  return [name, generateName].some((text) => typeof text === 'string' && text !== '');
}
