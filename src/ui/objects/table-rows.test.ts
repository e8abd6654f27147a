import { describe, expect, it } from 'vitest';
import { columnsOf, columnWidths, tableRows } from './table-rows.ts';
import { defineResource } from '../../api/resource.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';

interface Thing extends KubernetesObject {
  count: number;
}
const thing = (name: string, count: number, namespace = 'default', minute = 0): Thing => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name, namespace, uid: name, resourceVersion: '1', creationTimestamp: `2026-01-01T00:0${String(minute)}:00Z` },
  count,
});
const resource = defineResource<Thing>({
  group: '',
  version: 'v1',
  kind: 'Thing',
  plural: 'things',
  namespaced: true,
  schema: '',
  columns: [
    { name: 'Name', value: ({ metadata }) => metadata.name },
    { name: 'Restarts', value: ({ count }) => `${String(count)} (3m ago)` },
    { name: 'Age', value: () => 'x' },
    { name: 'Wide', priority: 1, value: () => 'w' },
  ],
});
const things = [thing('b', 10, 'default', 1), thing('a', 9, 'zoo', 3), thing('c', 2, 'default', 2)];
const names = (filter: string, column?: string, down = false) =>
  tableRows(things, columnsOf(resource, true, false), { filter, sorting: column ? { column, down } : undefined, now: 0 }).map(
    ({ metadata }) => metadata.name,
  );

describe('columnsOf', () => {
  it('puts the namespace first and the wide columns last', () => {
    expect(columnsOf(resource, true, true).map(({ name }) => name)).toEqual(['Namespace', 'Name', 'Restarts', 'Age', 'Wide']);
    expect(columnsOf(resource, false, false).map(({ name }) => name)).toEqual(['Name', 'Restarts', 'Age']);
  });
});

describe('tableRows', () => {
  it('lists by namespace and name', () => {
    expect(names('')).toEqual(['b', 'c', 'a']);
  });
  it('sorts numbers in texts as numbers, both ways', () => {
    expect(names('', 'Restarts')).toEqual(['c', 'a', 'b']);
    expect(names('', 'Restarts', true)).toEqual(['b', 'a', 'c']);
  });
  it('sorts ages by time: the youngest first', () => {
    expect(names('', 'Age')).toEqual(['a', 'c', 'b']);
  });
  it('filters in every cell', () => {
    expect(names('ZOO')).toEqual(['a']);
  });
});

describe('columnWidths', () => {
  it('fits head and cells within bounds', () => {
    expect(columnWidths(columnsOf(resource, false, false), [...things, thing('x'.repeat(90), 1)], 0)).toEqual([44, 12, 9]);
  });
});
