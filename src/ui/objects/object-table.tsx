/** kubectl's table of a kind, with rows drawn as far as they are seen. One tab stop: arrows move, Enter selects. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useMemo, useRef, useState } from 'react';
import { apiVersionOf } from '../../api/resource.ts';
import { useNow } from '../cluster/hooks.ts';
import { useCalmList } from '../cluster/use-calm-list.ts';
import { clusterViewText } from '../i18n/areas/cluster-view.ts';
import { objectsText } from '../i18n/areas/objects.ts';
import { formatNumber, useLanguage, useText } from '../i18n/text.ts';
import { podSummary } from '../model/pod-state.ts';
import { useUiState } from '../state/ui-state.ts';
import { Button } from '../widgets/button.tsx';
import { EmptyState } from '../widgets/empty-state.tsx';
import { PodGlyph } from '../widgets/pod-glyph.tsx';
import { columnsOf, columnWidths, tableRows } from './table-rows.ts';
import styles from './object-table.module.css';
import type { Sorting } from './table-rows.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { Column, ResourceDefinition } from '../../api/resource.ts';
import type { Pod } from '../../api/generated/types.ts';
import type { KeyboardEvent } from 'react';

const ROW = 30;
const keyOf = ({ metadata }: KubernetesObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

/** The table of a kind. */
export function ObjectTable({ resource }: { resource: ResourceDefinition }) {
  const t = useText(objectsText);
  const language = useLanguage();
  const { namespace, set } = useUiState();
  const within = resource.namespaced ? namespace : undefined;
  const { items, synced } = useCalmList<KubernetesObject>(resource, { namespace: within });
  const now = useNow();
  const [filter, setFilter] = useState('');
  const [wide, setWide] = useState(false);
  const [sorting, setSorting] = useState<Sorting | undefined>(undefined);
  const columns = useMemo(() => columnsOf(resource, within === undefined, wide), [resource, within, wide]);
  const rows = useMemo(() => tableRows(items, columns, { filter, sorting, now }), [items, columns, filter, sorting, now]);
  const sort = (column: string) =>
    setSorting(sorting?.column !== column ? { column, down: false } : sorting.down ? undefined : { column, down: true });
  const hasWide = resource.columns.some(({ priority = 0 }) => priority > 0);
  return (
    <section className={styles.section} aria-label={resource.kind}>
      <div className={styles.bar}>
        <h2 className={styles.title}>{resource.kind}</h2>
        <code className={styles.version}>{apiVersionOf(resource)}</code>
        <input
          className={styles.filter}
          type="search"
          data-filter=""
          placeholder={t('filter', { kind: resource.plural })}
          aria-label={t('filter', { kind: resource.plural })}
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        {hasWide && (
          <label className={styles.check}>
            <input type="checkbox" checked={wide} onChange={(event) => setWide(event.target.checked)} />
            {t('wide')}
          </label>
        )}
        <span className={styles.count}>
          {rows.length === items.length
            ? t('count', { n: items.length })
            : t('countOf', { shown: formatNumber(language, rows.length), n: items.length })}
        </span>
      </div>
      {rows.length > 0 ? (
        <Rows resource={resource} columns={columns} rows={rows} now={now} sorting={sorting} onSort={sort} />
      ) : filter ? (
        <EmptyState
          title={t('empty.filter', { kind: resource.kind, filter })}
          actions={<Button onClick={() => setFilter('')}>{t('empty.clear')}</Button>}
        />
      ) : synced ? (
        <EmptyState
          title={
            within === undefined
              ? t('empty.kind', { kind: resource.kind })
              : t('empty.namespace', { kind: resource.kind, namespace: within })
          }
          actions={within !== undefined && <Button onClick={() => set({ namespace: undefined })}>{t('empty.all')}</Button>}
        />
      ) : (
        <div />
      )}
    </section>
  );
}

interface RowsProps {
  resource: ResourceDefinition;
  columns: readonly Column<KubernetesObject>[];
  rows: readonly KubernetesObject[];
  now: number;
  sorting: Sorting | undefined;
  onSort(column: string): void;
}

function Rows({ resource, columns, rows, now, sorting, onSort }: RowsProps) {
  const t = useText(objectsText);
  const { selection, select } = useUiState();
  const scroll = useRef<HTMLDivElement>(null);
  const [at, setAt] = useState<string | undefined>(undefined);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW,
    overscan: 12,
    scrollPaddingStart: ROW,
  });
  const widths = useMemo(() => columnWidths(columns, rows, now), [columns, rows, now]);
  const template = widths.map((width) => `${String(width)}fr`).join(' ');
  const all = widths.reduce((sum, width) => sum + width, 4);
  const selected = selection?.kind === resource.kind ? `${selection.namespace ?? ''}/${selection.name}` : undefined;
  const current = Math.max(
    0,
    rows.findIndex((object) => keyOf(object) === (at ?? selected)),
  );
  const pick = (object: KubernetesObject) => {
    const { name, namespace } = object.metadata;
    setAt(keyOf(object));
    select({ apiVersion: apiVersionOf(resource), kind: resource.kind, name, ...(namespace && { namespace }) }, true);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLButtonElement) return;
    const to = {
      ArrowDown: current + 1,
      ArrowUp: current - 1,
      Home: 0,
      End: rows.length - 1,
      PageDown: current + 15,
      PageUp: current - 15,
    }[event.key];
    const object = rows[current];
    if (to !== undefined) {
      const index = Math.min(rows.length - 1, Math.max(0, to));
      setAt(rows[index] && keyOf(rows[index]));
      virtual.scrollToIndex(index);
      requestAnimationFrame(() => scroll.current?.querySelector<HTMLElement>(`[data-index="${String(index)}"]`)?.focus());
    } else if ((event.key === 'Enter' || event.key === ' ') && object) pick(object);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={scroll}
      className={styles.scroll}
      role="grid"
      aria-label={resource.kind}
      aria-rowcount={rows.length + 1}
      onKeyDown={onKeyDown}
    >
      <div className={styles.table} role="presentation" style={{ minWidth: `${String(all)}ch` }}>
        <div role="row" aria-rowindex={1} className={styles.head} style={{ gridTemplateColumns: template }}>
          {columns.map(({ name, description }) => {
            const by = sorting?.column === name;
            return (
              <div
                key={name}
                role="columnheader"
                aria-sort={by ? (sorting.down ? 'descending' : 'ascending') : 'none'}
                className={styles.headCell}
              >
                <button type="button" title={description} onClick={() => onSort(name)}>
                  {name}
                  <span aria-hidden="true">{by ? (sorting.down ? ' ▼' : ' ▲') : ''}</span>
                  {by && <span className={styles.hidden}>{t(sorting.down ? 'sort.down' : 'sort.up')}</span>}
                </button>
              </div>
            );
          })}
        </div>
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: 'relative' }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const object = rows[index];
            if (!object) return null;
            const key = keyOf(object);
            return (
              <div
                key={key}
                role="row"
                data-index={index}
                aria-rowindex={index + 2}
                aria-selected={key === selected}
                tabIndex={index === current ? 0 : -1}
                className={styles.row}
                style={{ gridTemplateColumns: template, transform: `translateY(${String(start)}px)`, height: ROW }}
                onClick={() => pick(object)}
              >
                {columns.map((column) => (
                  <TableCell key={column.name} object={object} column={column} now={now} />
                ))}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function TableCell({ object, column, now }: { object: KubernetesObject; column: Column<KubernetesObject>; now: number }) {
  const say = useText(clusterViewText);
  const text = String(column.value(object, now));
  if (object.kind === 'Pod' && column.name === 'Status') {
    const { state } = podSummary(object as Pod);
    return (
      <div role="gridcell" className={styles.cell} title={`${text} · ${say(`state.${state}`)}`}>
        <PodGlyph state={state} size={16} /> {text}
      </div>
    );
  }
  return (
    <div
      role="gridcell"
      className={column.name === 'Name' ? `${styles.cell} ${styles.name}` : styles.cell}
      title={text.length > 20 ? text : undefined}
    >
      {text}
    </div>
  );
}
