/** The picture in words: a summary and a tree with the same selection and the same actions. Rows are drawn as far as they are seen. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { readyText } from './scene-strip.ts';
import { treeRows } from './tree-rows.ts';
import { countsText } from './words.ts';
import { clusterViewText } from '../i18n/areas/cluster-view.ts';
import { useText } from '../i18n/text.ts';
import { podSummary } from '../model/pod-state.ts';
import { PodGlyph } from '../widgets/pod-glyph.tsx';
import styles from './text-twin.module.css';
import type { Arrangement } from './scene.ts';
import type { TreeRow } from './tree-rows.ts';
import type { ViewObjects } from './use-objects.ts';
import type { SayCluster } from './words.ts';
import type { KeyboardEvent } from 'react';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { Pod } from '../../api/generated/types.ts';

const ROW = 30;

interface TextTwinProps {
  objects: ViewObjects;
  pods: readonly Pod[];
  arrangement: Arrangement;
  namespace: string | undefined;
  selected: string | undefined;
  summary: string;
  onSelect(object: KubernetesObject): void;
  onMenu(id: string, at: { x: number; y: number }): void;
}

const objectOf = (row: TreeRow): KubernetesObject | undefined => (row.kind === 'pod' ? row.pod : row.object);

/** The tree. */
export function TextTwin({ objects, pods, arrangement, namespace, selected, summary, onSelect, onMenu }: TextTwinProps) {
  const t = useText(clusterViewText);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [at, setAt] = useState<string | undefined>(undefined);
  const scroll = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => treeRows(objects, pods, arrangement, namespace, closed), [objects, pods, arrangement, namespace, closed]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => ROW,
    overscan: 12,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  const current = Math.max(
    0,
    rows.findIndex(({ id }) => id === (at ?? selected)),
  );
  const fold = (id: string, open: boolean) => {
    const next = new Set(closed);
    if (open) next.delete(id);
    else next.add(id);
    setClosed(next);
  };
  const go = (index: number) => {
    const to = Math.min(rows.length - 1, Math.max(0, index));
    setAt(rows[to]?.id);
    virtual.scrollToIndex(to);
    requestAnimationFrame(() => scroll.current?.querySelector<HTMLElement>(`[data-index="${String(to)}"]`)?.focus());
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[current];
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const object = objectOf(row);
    const keys: Record<string, () => void> = {
      ArrowDown: () => go(current + 1),
      ArrowUp: () => go(current - 1),
      Home: () => go(0),
      End: () => go(rows.length - 1),
      ArrowRight: () => (row.kind === 'group' && !row.open ? fold(row.id, true) : go(current + 1)),
      ArrowLeft: () =>
        row.kind === 'group' ? fold(row.id, false) : go(rows.findLastIndex(({ kind }, index) => kind === 'group' && index < current)),
      Enter: () => (object ? onSelect(object) : undefined),
      ' ': () => (object ? onSelect(object) : undefined),
      '.': () => (object ? onMenu(row.id, placeOf(event)) : undefined),
    };
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  };
  return (
    <div className={styles.twin}>
      <p className={styles.summary}>{summary}</p>
      <div ref={scroll} className={styles.scroll} role="tree" aria-label={t('text.label')} onKeyDown={onKeyDown}>
        <div className={styles.all} style={{ height: virtual.getTotalSize() }} role="presentation">
          {virtual.getVirtualItems().map(({ index, start, key }) => {
            const row = rows[index];
            if (!row) return null;
            const object = objectOf(row);
            return (
              <div
                key={key}
                data-index={index}
                role="treeitem"
                aria-level={row.kind === 'group' ? 1 : 2}
                aria-expanded={row.kind === 'group' ? row.open : undefined}
                aria-selected={row.id === selected}
                aria-setsize={-1}
                tabIndex={index === current ? 0 : -1}
                className={row.kind === 'group' ? styles.group : styles.row}
                style={{ transform: `translateY(${String(start)}px)`, height: ROW }}
                onClick={() => {
                  setAt(row.id);
                  if (object) onSelect(object);
                  else if (row.kind === 'group') fold(row.id, !row.open);
                }}
                onContextMenu={(event) => {
                  if (!object) return;
                  event.preventDefault();
                  onMenu(row.id, placeOf(event));
                }}
              >
                <Row row={row} t={t} onFold={fold} />
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function placeOf({ target, currentTarget }: { target: EventTarget; currentTarget: EventTarget }): { x: number; y: number } {
  const frame = (currentTarget as HTMLElement).closest('[data-menu-frame]')?.getBoundingClientRect();
  const row = (target as HTMLElement).getBoundingClientRect();
  return { x: row.left - (frame?.left ?? 0) + 40, y: row.bottom - (frame?.top ?? 0) };
}

function Row({ row, t, onFold }: { row: TreeRow; t: SayCluster; onFold(id: string, open: boolean): void }) {
  if (row.kind === 'group') {
    const Icon = row.open ? ChevronDown : ChevronRight;
    return (
      <>
        <span
          className={styles.fold}
          aria-hidden="true"
          onClick={(event) => {
            event.stopPropagation();
            onFold(row.id, !row.open);
          }}
        >
          <Icon size={16} strokeWidth={1.5} />
        </span>
        <span className={styles.name}>{groupName(row, t)}</span>
        <span className={styles.note}>{groupNote(row, t)}</span>
      </>
    );
  }
  if (row.kind === 'object') {
    return (
      <>
        <span className={styles.name}>{row.object.metadata.name}</span>
        <span className={styles.word}>{row.object.kind}</span>
        <span className={styles.note}>{row.endpoints === undefined ? readyText(row.object) : t('endpoints', { n: row.endpoints })}</span>
      </>
    );
  }
  const { ready, total, restarts, text } = podSummary(row.pod);
  return (
    <>
      <PodGlyph state={row.state} size={16} />
      <span className={styles.name}>{row.pod.metadata.name}</span>
      <span className={styles.word}>{t(`state.${row.state}`)}</span>
      <span className={styles.note}>
        {text} · {t('readyOf', { ready, total })}
        {restarts > 0 && ` · ${t('restarts', { n: restarts })}`}
      </span>
    </>
  );
}

function groupName({ title }: TreeRow & { kind: 'group' }, t: SayCluster): string {
  switch (title.is) {
    case 'node':
      return title.name;
    case 'owner':
      return `${title.ownerKind} ${title.name}`;
    case 'tray':
      return t('tray.title');
    case 'loose':
      return t('loose');
    case 'services':
      return t('text.services');
    case 'related':
      return t('text.related');
    case 'workloads':
      return t('text.workloads');
  }
}

function groupNote({ title, count, states }: TreeRow & { kind: 'group' }, t: SayCluster): string {
  if (title.is === 'services' || title.is === 'related' || title.is === 'workloads') return String(count);
  const pods = countsText(t, count, states);
  if (title.is !== 'node') return pods;
  const facts = [t(`node.${title.state}`), ...(title.control ? [t('control')] : []), ...(title.cordoned ? [t('cordoned')] : [])];
  return `${facts.join(', ')} · ${pods}`;
}
