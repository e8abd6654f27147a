/**
 * Explains a field that its place does not know. The commonest slips, in the order in which they are looked for: it
 * belongs one or more levels further down (`ports` beside `containers`), it belongs further up (`replicas` inside the template),
 * it is misspelt.
 */
import { isMap, isSeq } from 'yaml';
import type { Node, Pair, YAMLMap } from 'yaml';
import type { Level, Walk } from './fields.ts';
import { fieldsOf, objectTypeOf } from './field-types.ts';
import { joinPath, rangeOfNode, rangeOfOffsets, resolved } from './paths.ts';
import { nearest } from './spelling.ts';
import type { FindingCode, Fix, TextEdit } from '../../model/findings.ts';

interface Place {
  path: string;
  map?: YAMLMap;
}

/** Adds the finding about `key`, which the innermost level does not know. */
export function explainUnknown(walk: Walk, pair: Pair<Node, Node | null>, key: string, levels: readonly Level[]): void {
  const here = levels[levels.length - 1];
  if (!here) return;
  const path = joinPath(here.path, key);
  const add = (code: FindingCode, params: Record<string, string>, fix?: Fix) =>
    walk.findings.push({
      grade: 'blocks',
      code,
      params: { field: key, ...params },
      range: rangeOfNode(walk, pair.key),
      document: walk.index,
      path,
      ...(fix && { fix }),
    });

  const below = placeBelow(walk, here, key);
  if (below) return void add('fieldBelongsBelow', { place: below.path }, moving(walk, pair, here.map, below));
  const above = levels
    .slice(0, -1)
    .reverse()
    .find((level) => fieldsOf(level.type)?.[key] && !level.map.has(key));
  if (above) return void add('fieldBelongsAbove', { place: above.path }, moving(walk, pair, here.map, above));
  const known = Object.keys(fieldsOf(here.type) ?? {}).filter((name) => !here.map.has(name));
  const meant = nearest(key, known);
  if (meant) {
    const fix: Fix = { code: 'rename', params: { text: meant }, edits: [{ ...rangeOfNode(walk, pair.key), text: meant }] };
    return void add('misspeltField', { meant }, fix);
  }
  add('unknownField', { path });
}

/** The nearest written object below that knows the field and does not have it yet; the first item stands for a list. */
function placeBelow(walk: Walk, from: Level, key: string): Place | undefined {
  let wave: Level[] = [from];
  for (let depth = 0; depth < 4 && wave.length > 0; depth++) {
    const next = wave.flatMap((level) => childrenOf(walk, level));
    const found = next.find((level) => fieldsOf(level.type)?.[key] && !level.map.has(key));
    if (found) return found;
    wave = next;
  }
  return undefined;
}

function childrenOf(walk: Walk, { type, path, map }: Level): Level[] {
  const facts = fieldsOf(type);
  return (map.items as Pair<Node, Node | null>[]).flatMap((pair) => {
    const name = String((pair.key as { value?: unknown }).value);
    const childType = objectTypeOf(facts?.[name]);
    const value = resolved(walk.document, pair.value);
    if (childType === undefined || name === 'metadata' || name === 'status') return [];
    if (isMap(value)) return [{ type: childType, path: joinPath(path, name), map: value }];
    const first = isSeq(value) ? resolved(walk.document, value.items[0]) : undefined;
    return isMap(first) ? [{ type: childType, path: `${joinPath(path, name)}[0]`, map: first }] : [];
  });
}

/** Cuts the lines of the pair and puts them behind the target's last line, indented as its other fields. Only between block maps. */
function moving(walk: Walk, pair: Pair<Node, Node | null>, source: YAMLMap, place: Place): Fix | undefined {
  const target = place.map;
  const last = target?.items[target.items.length - 1] as Pair<Node, Node | null> | undefined;
  const first = target?.items[0]?.key as Node | undefined;
  const end = (last?.value ?? last?.key)?.range?.[1];
  const start = pair.key.range?.[0];
  if (!target || target.flow || source.flow || end === undefined || start === undefined || !first?.range) return undefined;
  const lineStart = walk.text.lastIndexOf('\n', start - 1) + 1;
  if (walk.text.slice(lineStart, start).trim() !== '') return undefined;
  const lineEnd = endOfLine(walk.text, Math.max((pair.value ?? pair.key).range?.[1] ?? start, start), pair.value);
  const indent = walk.lines.linePos(first.range[0]).col - 1;
  const shift = indent - (start - lineStart);
  const lines = walk.text.slice(lineStart, lineEnd).replace(/\n$/, '').split('\n');
  const moved = lines.map((line) =>
    line.trim() === '' ? line : shift >= 0 ? ' '.repeat(shift) + line : line.slice(Math.min(-shift, line.search(/\S/))),
  );
  const into = endOfLine(walk.text, end, last?.value ?? null);
  const needsBreak = walk.text.charAt(into - 1) !== '\n' ? '\n' : '';
  const insert: TextEdit = { ...rangeOfOffsets(walk.lines, into, into), text: `${needsBreak}${moved.join('\n')}\n` };
  const cut: TextEdit = { ...rangeOfOffsets(walk.lines, lineStart, lineEnd), text: '' };
  return { code: 'move', params: { place: place.path }, edits: [insert, cut] };
}

/** The start of the line after `offset`; a block collection already ends there. */
function endOfLine(text: string, offset: number, node: Node | null): number {
  const trimmed = (isMap(node) || isSeq(node)) && !node.flow ? text.slice(0, offset).trimEnd().length : offset;
  const found = text.indexOf('\n', trimmed);
  return found < 0 ? text.length : found + 1;
}
