/**
 * Manifests as people paste them: YAML or JSON, many documents, lists. Reading never throws; every fault has its
 * place, and a document with a fault does not hide the others.
 */
import { LineCounter, parseAllDocuments } from 'yaml';
import type { Document } from 'yaml';
import type { KubernetesObject } from '../apimachinery/meta.ts';

/** A fault in the text. Lines and columns count from 1. */
export interface ManifestError {
  message: string;
  line: number;
  column: number;
}

/** An object as it was written, with the line on which its document begins. */
export interface Manifest {
  object: KubernetesObject;
  line: number;
}

/** What a text holds. */
export interface ReadManifests {
  manifests: Manifest[];
  errors: ManifestError[];
}

/** A text longer than this is not read: 4 MiB, well over etcd's 1.5 MiB for one object. */
const MAX_LENGTH = 4 * 1024 * 1024;
const MAX_ALIASES = 100;

/** Reads every document of a text. */
export function readManifests(text: string): ReadManifests {
  if (text.length > MAX_LENGTH) {
    const size = (text.length / 1024 / 1024).toFixed(1);
    return { manifests: [], errors: [{ message: `the text is too large: ${size} MiB, the limit is 4 MiB`, line: 1, column: 1 }] };
  }
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, version: '1.2', schema: 'yaml-1.1', uniqueKeys: true, merge: true });
  const read: ReadManifests = { manifests: [], errors: [] };
  if (!Array.isArray(documents)) return read;
  for (const document of documents as Document.Parsed[]) {
    const line = document.contents ? lines.linePos(document.contents.range[0]).line : 1;
    const faults = document.errors.map(({ message, pos }) => ({ message: firstLine(message), ...place(lines, pos[0]) }));
    if (faults.length > 0) read.errors.push(...faults);
    else if (document.contents !== null) readDocument(document, line, read);
  }
  return read;
}

function readDocument(document: Document.Parsed, line: number, read: ReadManifests): void {
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    read.errors.push({ message: error instanceof Error ? error.message : String(error), line, column: 1 });
    return;
  }
  if (value === null || value === undefined) return;
  add(value, line, read);
}

function add(value: unknown, line: number, read: ReadManifests): void {
  const fail = (message: string) => read.errors.push({ message, line, column: 1 });
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    fail(`error validating data: invalid object to validate: got ${Array.isArray(value) ? 'a list' : typeof value}, expected a map`);
    return;
  }
  const { apiVersion, kind, metadata, items } = value as { apiVersion?: unknown; kind?: unknown; metadata?: unknown; items?: unknown };
  if (typeof apiVersion !== 'string' || apiVersion === '') fail('error validating data: apiVersion not set');
  else if (typeof kind !== 'string' || kind === '') fail('error validating data: kind not set');
  else if (kind.endsWith('List') && Array.isArray(items)) for (const item of items) add(item, line, read);
  else if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) fail('error when creating: resource name may not be empty');
  else read.manifests.push({ object: value as KubernetesObject, line });
}

function place(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

const firstLine = (message: string) => message.split('\n', 1)[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? message;
