/** Everything that can be said about a text without asking the apiserver: its objects and the findings in all three grades. */
import { isMap, isScalar, isSeq } from 'yaml';
import type { Node } from 'yaml';
import { ALL_RESOURCES, resourceByKind } from '../../../api/index.ts';
import { apiVersionOf } from '../../../api/resource.ts';
import { parseText, readParsed } from '../../../scenario/manifests.ts';
import type { Manifest, ParsedText, ReadManifests } from '../../../scenario/manifests.ts';
import { convertDocument } from './convert.ts';
import { checkFields } from './fields.ts';
import type { Walk } from './fields.ts';
import { outdatedFindings } from './outdated.ts';
import { follow, locate, parsePath, rangeOfNode, rangeOfOffsets } from './paths.ts';
import { nameOf, podsOf } from './pods.ts';
import { referenceFindings } from './references.ts';
import type { ObjectFinding } from './references.ts';
import { nearest } from './spelling.ts';
import type { Analysis, ClusterContext, Finding, ObjectInfo, TextRange } from '../../model/findings.ts';
import { removedVersion } from './versions.ts';

/** A parsed text, kept for questions about places. */
export interface ParsedSource extends ParsedText {
  text: string;
  read: ReadManifests;
}

/** Parses a text once for all further questions. */
export function parseSource(text: string): ParsedSource {
  const parsed = parseText(text);
  return { ...parsed, text, read: readParsed(parsed) };
}

/** The place of a field of one object in the text. */
export function placeOf(source: ParsedSource, document: number, objectPath: string, field: string): TextRange | undefined {
  const found = source.documents[document];
  if (!found) return undefined;
  return locate({ document: found, lines: source.lines }, join(objectPath, field));
}

const join = (base: string, path: string): string => (base && path ? `${base}.${path}` : base || path);

/** The analysis. Findings come in the order of the text. */
export function analyse(source: ParsedSource, context: ClusterContext): Analysis {
  const { read, text, lines } = source;
  const findings: Finding[] = read.errors.map((error) => ({
    grade: 'blocks',
    code: 'syntax',
    params: { message: error.message },
    range: restOfLine(text, error.line, error.column, lines.lineStarts),
    document: error.document,
    path: '',
  }));
  const known = withOwn(context, read.manifests);
  for (const manifest of read.manifests) {
    const document = source.documents[manifest.document];
    if (!document) continue;
    const walk: Walk = { document, lines, text, index: manifest.document, findings: [] };
    checkManifest(walk, manifest, known);
    findings.push(...walk.findings);
  }
  findings.sort((a, b) => a.range.line - b.range.line || a.range.column - b.range.column);
  return { findings, objects: read.manifests.map((manifest) => infoOf(source, manifest)), broken: read.errors.length > 0 };
}

/** The context, with what the text itself would add to the cluster. */
function withOwn(context: ClusterContext, manifests: readonly Manifest[]): ClusterContext {
  const objects = manifests.map(({ object }) => object);
  const pods = objects.flatMap((object) => podsOf(object, context.namespace) ?? []);
  const names = objects.map((object) => nameOf(object.kind, object.metadata.namespace ?? context.namespace, object.metadata.name));
  return { ...context, pods: [...pods, ...context.pods], ...(context.names && { names: [...context.names, ...names] }) };
}

function checkManifest(walk: Walk, { object, path }: Manifest, context: ClusterContext): void {
  const root = follow(walk, parsePath(path)).node;
  const definition = resourceByKind(object.apiVersion, object.kind);
  if (!definition) {
    if (!context.customKinds?.includes(`${object.apiVersion}/${object.kind}`)) unknownKind(walk, object.apiVersion, object.kind, path);
    return;
  }
  checkFields(walk, root, definition.schema);
  const more = [...referenceFindings(object, context), ...outdatedFindings(object, definition)];
  for (const finding of more) walk.findings.push(placed(walk, finding, path));
}

/** Gives a finding its place, and a repair where it names a better value. */
function placed(walk: Walk, { value, ...finding }: ObjectFinding, base: string): Finding {
  const path = join(base, finding.path);
  const result: Finding = { ...finding, range: locate(walk, path), document: walk.index };
  const { node } = follow(walk, parsePath(path));
  if (value === undefined || !isScalar(node)) return result;
  return { ...result, fix: { code: 'value', params: { text: value }, edits: [{ ...rangeOfNode(walk, node), text: value }] } };
}

function unknownKind(walk: Walk, apiVersion: string, kind: string, base: string): void {
  const removed = removedVersion(apiVersion, kind);
  const place = (field: string): TextRange => locate(walk, join(base, field));
  if (removed) {
    const params = { apiVersion, kind, release: removed.release, now: removed.now ?? '' };
    walk.findings.push({
      grade: 'blocks',
      code: 'removedVersion',
      params,
      range: place('apiVersion'),
      document: walk.index,
      path: 'apiVersion',
      ...conversion(walk, base, params.now),
    });
    return;
  }
  const version = ALL_RESOURCES.find((resource) => resource.kind === kind);
  const meantKind = nearest(
    kind,
    ALL_RESOURCES.filter((resource) => apiVersionOf(resource) === apiVersion).map((resource) => resource.kind),
  );
  const meant = version ? apiVersionOf(version) : meantKind;
  const path = version ? 'apiVersion' : 'kind';
  const { node } = follow(walk, parsePath(join(base, path)));
  const fix =
    meant && node ? { fix: { code: 'value' as const, params: { text: meant }, edits: [{ ...rangeOfNode(walk, node), text: meant }] } } : {};
  const params = { apiVersion, kind, meant: meant ?? '' };
  walk.findings.push({ grade: 'blocks', code: 'unknownKind', params, range: place(path), document: walk.index, path, ...fix });
}

/** The repair that rewrites the whole document. */
function conversion(walk: Walk, base: string, now: string): Pick<Finding, 'fix'> {
  const [start, end] = contentRange(walk);
  const converted = base === '' && now ? convertDocument(walk.text.slice(start, end)) : undefined;
  if (converted === undefined) return {};
  const text = walk.text.slice(start, end).endsWith('\n') ? converted : converted.replace(/\n$/, '');
  return { fix: { code: 'convert', params: { text: now }, edits: [{ ...rangeOfOffsets(walk.lines, start, end), text }] } };
}

function contentRange({ document, text }: Walk): [number, number] {
  const range = document.contents?.range;
  if (!range) return [0, 0];
  return [range[0], Math.min(range[2], text.length)];
}

function infoOf(source: ParsedSource, { object, document, path, line }: Manifest): ObjectInfo {
  const { name, generateName, namespace } = object.metadata;
  const node = source.documents[document];
  const last = node ? lastLine(follow({ document: node, lines: source.lines }, parsePath(path)).node, source) : line;
  const shown = name || (generateName ?? '');
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    name: String(shown),
    namespace: String(namespace ?? ''),
    document,
    path,
    line,
    endLine: Math.max(line, last),
  };
}

function lastLine(node: Node | undefined, { lines, text }: ParsedSource): number {
  if (!node?.range) return 1;
  const end = isMap(node) || isSeq(node) ? text.slice(0, node.range[1]).trimEnd().length : node.range[1];
  return lines.linePos(end).line;
}

/** From a place to the end of its line, at least one character. */
function restOfLine(text: string, line: number, column: number, lineStarts: readonly number[]): TextRange {
  const start = lineStarts[line - 1] ?? 0;
  const found = text.indexOf('\n', start);
  const length = (found < 0 ? text.length : found) - start;
  return { line, column, endLine: line, endColumn: Math.max(column + 1, length + 1) };
}
