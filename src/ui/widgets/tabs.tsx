/** A row of tabs (ARIA tablist): one tab stop, arrows move and select, Home and End go to the ends. */
import type { LucideIcon } from 'lucide-react';
import { useEffect } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';
import styles from './tabs.module.css';

/** A tab. */
export interface Tab {
  id: string;
  label: string;
  icon?: LucideIcon;
  /** Shown after the label: a count, a mark. */
  badge?: ReactNode;
  keys?: string;
}

interface TabsProps {
  label: string;
  tabs: readonly Tab[];
  current: string;
  onSelect(id: string): void;
  /** Ids are `<prefix>-tab-<id>`, and the panel's `<prefix>-panel`. */
  prefix: string;
  /** Icons above labels, for a phone's thumb. */
  look?: 'line' | 'thumb';
}

const MOVES: Record<string, (index: number, length: number) => number> = {
  ArrowRight: (index, length) => (index + 1) % length,
  ArrowLeft: (index, length) => (index + length - 1) % length,
  Home: () => 0,
  End: (_index, length) => length - 1,
};

/** The row. The panel below it needs `role="tabpanel"`, `id={`${prefix}-panel`}` and `aria-labelledby`. */
export function Tabs({ label, tabs, current, onSelect, prefix, look = 'line' }: TabsProps) {
  useEffect(() => {
    document.getElementById(`${prefix}-tab-${current}`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [prefix, current]);
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const move = MOVES[event.key];
    if (!move) return;
    event.preventDefault();
    const next =
      tabs[
        move(
          tabs.findIndex(({ id }) => id === current),
          tabs.length,
        )
      ];
    if (!next) return;
    onSelect(next.id);
    document.getElementById(`${prefix}-tab-${next.id}`)?.focus();
  };
  return (
    <div className={`${styles.tabs} ${styles[look]}`} role="tablist" aria-label={label} onKeyDown={onKeyDown}>
      {tabs.map(({ id, label: text, icon: Icon, badge, keys }) => (
        <button
          key={id}
          id={`${prefix}-tab-${id}`}
          type="button"
          role="tab"
          className={styles.tab}
          aria-selected={id === current}
          aria-controls={`${prefix}-panel`}
          aria-keyshortcuts={keys}
          tabIndex={id === current ? 0 : -1}
          title={keys ? `${text} (${keys})` : undefined}
          onClick={() => onSelect(id)}
        >
          {Icon && <Icon size={16} strokeWidth={1.5} aria-hidden />}
          <span>{text}</span>
          {badge !== undefined && <span className={styles.badge}>{badge}</span>}
        </button>
      ))}
    </div>
  );
}
