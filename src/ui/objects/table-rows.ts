/** Filters and sorts the rows of a table by kubectl's columns. */
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { Column, ResourceDefinition } from '../../api/resource.ts';

/** Cells of a row. */
export type Cell = string | number | boolean;

/** By which column, and which way. */
export interface Sorting {
  column: string;
  down: boolean;
}

/** The name of the column for namespaces, which the definitions leave to kubectl. */
export const NAMESPACE = 'Namespace';

/** The columns to show: with a namespace first where several may appear, and the wide ones if wanted. */
export function columnsOf(resource: ResourceDefinition, withNamespace: boolean, wide: boolean): Column<KubernetesObject>[] {
  const own = resource.columns.filter(({ priority = 0 }) => wide || priority === 0);
  if (!resource.namespaced || !withNamespace) return own;
  return [{ name: NAMESPACE, value: ({ metadata }) => metadata.namespace ?? '' }, ...own];
}

/** Cells that change with time are sorted by the time they count from. */
const isAge = ({ name, type }: Column<KubernetesObject>): boolean => name === 'Age' || type === 'date';

/** What a cell is sorted by. */
function sortValue(column: Column<KubernetesObject>, object: KubernetesObject, now: number): Cell {
  // The youngest has the smallest age.
  return isAge(column) ? -Date.parse(object.metadata.creationTimestamp) : column.value(object, now);
}

/** "10" after "9", names by their characters; numbers in texts ("2 (3m ago)") count. */
function compareCells(a: Cell, b: Cell): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [x, y] = [String(a), String(b)];
  const [m, n] = [Number.parseFloat(x), Number.parseFloat(y)];
  if (!Number.isNaN(m) && !Number.isNaN(n) && m !== n) return m - n;
  return x < y ? -1 : x > y ? 1 : 0;
}

/** The rows that fit the filter (in any cell), sorted; without sorting by namespace and name, as kubectl lists them. */
export function tableRows(
  objects: readonly KubernetesObject[],
  columns: readonly Column<KubernetesObject>[],
  { filter, sorting, now }: { filter: string; sorting: Sorting | undefined; now: number },
): KubernetesObject[] {
  const text = filter.trim().toLowerCase();
  const rows = text
    ? objects.filter((object) => columns.some((column) => String(column.value(object, now)).toLowerCase().includes(text)))
    : [...objects];
  const column = columns.find(({ name }) => name === sorting?.column);
  const byName = (a: KubernetesObject, b: KubernetesObject) =>
    compareTexts(a.metadata.namespace ?? '', b.metadata.namespace ?? '') || compareTexts(a.metadata.name, b.metadata.name);
  if (!column || !sorting) return rows.sort(byName);
  const keys = new Map(rows.map((object) => [object, sortValue(column, object, now)]));
  const turn = sorting.down ? -1 : 1;
  return rows.sort((a, b) => turn * compareCells(keys.get(a) ?? '', keys.get(b) ?? '') || byName(a, b));
}

const compareTexts = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const LEAST = 7;
const MOST = 42;

/** Widths of the columns in characters, from their heads and the first rows. */
export function columnWidths(columns: readonly Column<KubernetesObject>[], rows: readonly KubernetesObject[], now: number): number[] {
  const sample = rows.slice(0, 100);
  return columns.map((column) => {
    const longest = sample.reduce((most, object) => Math.max(most, String(column.value(object, now)).length), column.name.length + 2);
    // Letters are narrower than the digits that "ch" measures.
    return Math.min(MOST, Math.max(LEAST, Math.round(longest * 0.9))) + 2;
  });
}
