/** Reading a live object as text: what changed between two states, which lines belong to which section, and who manages a field. */
import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Node, Pair } from 'yaml';
import type { ManagedFieldsEntry } from '../../apimachinery/meta.ts';

/** Lines `from` (inclusive) to `to` (exclusive) of the old text become `replacement`; `changed` are lines of the new text. */
export interface ChangedRegion {
  from: number;
  to: number;
  replacement: string;
  changed: number[];
}

/** The smallest run of lines in which two texts differ. Lines count from 1; both texts end with a line break. */
export function changedRegion(before: string, after: string): ChangedRegion {
  const [old, next] = [before.split('\n'), after.split('\n')];
  let head = 0;
  while (head < old.length - 1 && head < next.length - 1 && old[head] === next[head]) head++;
  let tail = 0;
  while (tail < old.length - 1 - head && tail < next.length - 1 - head && old[old.length - 2 - tail] === next[next.length - 2 - tail])
    tail++;
  const middle = next.slice(head, next.length - 1 - tail);
  const known = new Set(old.slice(head, old.length - 1 - tail));
  const changed = middle.flatMap((line, at) => (known.has(line) ? [] : [head + at + 1]));
  return { from: head + 1, to: old.length - tail, replacement: middle.map((line) => `${line}\n`).join(''), changed };
}

/** A part of an object and its lines, from 1, both inclusive. */
export interface Section {
  name: 'metadata' | 'spec' | 'status';
  from: number;
  to: number;
}

/** The sections of an object's YAML. What is neither metadata nor status is what was asked for. */
export function sectionsOf(text: string): Section[] {
  const sections: Section[] = [];
  text.split('\n').forEach((line, at, { length }) => {
    const key = /^([A-Za-z]\w*):/.exec(line)?.[1];
    if (key === undefined || at === length - 1) {
      const last = sections[sections.length - 1];
      if (last && line !== '') last.to = at + 1;
      return;
    }
    const name = key === 'apiVersion' || key === 'kind' || key === 'metadata' ? 'metadata' : key === 'status' ? 'status' : 'spec';
    sections.push({ name, from: at + 1, to: at + 1 });
  });
  return sections;
}

/** A step down an object: a field, or an item of a list with what it holds. */
type Step = { field: string } | { index: number; item: unknown };

/** The way to the field that is written on a line of an object's YAML. */
export function stepsToLine(text: string, line: number): Step[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineOf = (node: Node | null | undefined): number => (node?.range ? lines.linePos(node.range[0]).line : 0);
  const steps: Step[] = [];
  let node: unknown = document.contents;
  for (;;) {
    if (isMap(node)) {
      const pairs = node.items as Pair<Node, Node | null>[];
      const pair = pairs.filter(({ key }) => lineOf(key) <= line).pop();
      if (!pair || !isScalar(pair.key)) return steps;
      steps.push({ field: String(pair.key.value) });
      if (lineOf(pair.key) === line) return steps;
      node = pair.value;
    } else if (isSeq(node)) {
      const items = node.items as Node[];
      const index = items.filter((item) => lineOf(item) <= line).length - 1;
      const item = items[index];
      if (!item) return steps;
      steps.push({ index, item: item.toJSON() as unknown });
      node = item;
    } else return steps;
  }
}

/** Who wrote a field, and how. */
export interface Manager {
  manager: string;
  operation: string;
  subresource?: string;
  time?: string;
}

type FieldSet = Record<string, unknown>;
const isSet = (value: unknown): value is FieldSet => typeof value === 'object' && value !== null;

/** The entry of a `fieldsV1` set for a step: "f:replicas", 'k:{"name":"web"}', 'v:"x"' or "i:0". */
function childOf(fields: FieldSet, step: Step): unknown {
  if ('field' in step) return fields[`f:${step.field}`];
  for (const [key, child] of Object.entries(fields)) {
    if (key === `v:${JSON.stringify(step.item)}` || key === `i:${String(step.index)}`) return child;
    if (!key.startsWith('k:') || !isSet(step.item)) continue;
    const wanted = JSON.parse(key.slice(2)) as FieldSet;
    const item = step.item;
    if (Object.entries(wanted).every(([name, value]) => item[name] === value)) return child;
  }
  return undefined;
}

/** The managers of the field at the end of the steps; of a field that is owned as a whole, those of its nearest owned parent. */
export function managersOf(entries: readonly ManagedFieldsEntry[] | undefined, steps: readonly Step[]): Manager[] {
  return (entries ?? []).flatMap(({ manager, operation, subresource, time, fieldsV1 }) => {
    let fields: unknown = fieldsV1;
    for (const step of steps) {
      if (!isSet(fields)) return [];
      const child = childOf(fields, step);
      if (child === undefined) {
        const leaf = Object.keys(fields).every((key) => key === '.');
        if (!leaf) return [];
        break;
      }
      fields = child;
    }
    return fields === undefined || steps.length === 0
      ? []
      : [{ manager: manager ?? '', operation: operation ?? '', ...(subresource && { subresource }), ...(time && { time }) }];
  });
}
