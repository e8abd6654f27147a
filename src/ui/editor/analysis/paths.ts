/** Field paths as the apiserver writes them ("spec.containers[0].ports[1].name", "metadata.labels[app.kubernetes.io/name]"), and where they stand in a text. */
import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Document, LineCounter, Node, Pair } from 'yaml';
import type { TextRange } from '../../model/findings.ts';

/** A step of a path: a field or map key, or a list index. */
export type PathPart = string | number;

/** Reads a path. A number in brackets is an index, anything else in brackets a map key. */
export function parsePath(path: string): PathPart[] {
  const parts: PathPart[] = [];
  for (const [, key, bracket] of path.matchAll(/([^.[\]]+)|\[([^\]]*)\]/g)) {
    if (key !== undefined) parts.push(key);
    else if (bracket !== undefined) parts.push(/^\d+$/.test(bracket) ? Number(bracket) : bracket.replace(/^["']|["']$/g, ''));
  }
  return parts;
}

/** Adds a field name; a name with dots or slashes goes into brackets, as map keys do. */
export function joinPath(path: string, key: PathPart): string {
  if (typeof key === 'number') return `${path}[${String(key)}]`;
  if (/[./]/.test(key)) return `${path}[${key}]`;
  return path ? `${path}.${key}` : key;
}

/** A document with the line table of its text. */
export interface Located {
  document: Document.Parsed;
  lines: LineCounter;
}

/** From one offset of the text to another. */
export function rangeOfOffsets(lines: LineCounter, start: number, end: number): TextRange {
  const from = lines.linePos(start);
  const to = lines.linePos(Math.max(start, end));
  return { line: from.line, column: from.col, endLine: to.line, endColumn: to.col };
}

/** The range of a node's own text, without what follows it. */
export function rangeOfNode({ lines }: Located, node: Node | null | undefined): TextRange {
  const range = node?.range;
  return range ? rangeOfOffsets(lines, range[0], range[1]) : { line: 1, column: 1, endLine: 1, endColumn: 1 };
}

/** The node behind an alias, or the node. */
export function resolved(document: Document.Parsed, node: unknown): Node | undefined {
  const target = isAlias(node) ? node.resolve(document) : node;
  return isMap(target) || isSeq(target) || isScalar(target) ? target : undefined;
}

/** The pair of a map with that key. */
export function pairOf(node: unknown, key: PathPart): Pair<Node, Node | null> | undefined {
  if (!isMap(node)) return undefined;
  return node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key)) as Pair<Node, Node | null> | undefined;
}

/** How far a path can be followed: the last node reached, its key if it has one, and whether that was all of the path. */
export function follow({ document }: Located, path: readonly PathPart[]): { key?: Node; node?: Node; complete: boolean } {
  let node = resolved(document, document.contents);
  let key: Node | undefined;
  for (const part of path) {
    if (typeof part === 'number' && isSeq(node)) {
      const item = resolved(document, node.items[part]);
      if (!item) return { key, node, complete: false };
      [node, key] = [item, undefined];
      continue;
    }
    // Some messages of the apiserver leave list indices out: the first item that has the field stands for them.
    const holder: unknown = isSeq(node) ? node.items.map((item) => resolved(document, item)).find((item) => pairOf(item, part)) : node;
    const pair = pairOf(holder, part);
    if (!pair) return { key, node, complete: false };
    [key, node] = [pair.key, resolved(document, pair.value)];
  }
  return { key, node, complete: true };
}

/** Where to point for a field: its key, and its value too where that is a scalar on the same line. The nearest parent stands in for a field that is not written. */
export function locate(located: Located, path: string): TextRange {
  const { key, node, complete } = follow(located, parsePath(path));
  const at = key ?? node;
  const own = rangeOfNode(located, at);
  if (complete && key && isScalar(node) && node.range) {
    const value = rangeOfNode(located, node);
    if (value.line === own.line && value.endLine === own.line) return { ...own, endColumn: value.endColumn };
  }
  return own.line === own.endLine ? own : firstLineOf(located, at);
}

/** A node of several lines is marked on its first key only, or on its first character. */
function firstLineOf(located: Located, node: Node | undefined): TextRange {
  const first = isMap(node) ? node.items[0]?.key : isSeq(node) ? node.items[0] : undefined;
  if (isMap(first) || isSeq(first)) return firstLineOf(located, first);
  const own = rangeOfNode(located, (first as Node | undefined) ?? node);
  return own.line === own.endLine ? own : { ...own, endLine: own.line, endColumn: own.column + 1 };
}
