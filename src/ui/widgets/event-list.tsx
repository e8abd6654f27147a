/** Events as rows, drawn as far as they are seen: time, type with a mark, reason, object, message. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useRef } from 'react';
import { humanDuration } from '../../apimachinery/durations.ts';
import { useMedia } from '../app/use-media.ts';
import { eventsText } from '../i18n/areas/events.ts';
import { useText } from '../i18n/text.ts';
import styles from './event-list.module.css';
import type { Event } from '../../api/generated/types.ts';

/** A row: one event, or several of one reason taken together. */
export interface EventRow {
  id: string;
  /** The newest of them. */
  event: Event;
  /** When, ms. */
  at: number;
  count: number;
  /** How many objects they are about. */
  objects: number;
}

interface EventListProps {
  rows: readonly EventRow[];
  now: number;
  label: string;
  /** Leaves the object out where all are about the same one. */
  withObject: boolean;
  onSelect?(event: Event): void;
}

/** The list. */
export function EventList({ rows, now, label, withObject, onSelect }: EventListProps) {
  const t = useText(eventsText);
  const scroll = useRef<HTMLDivElement>(null);
  const narrow = useMedia('(max-width: 767px)');
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => (withObject && !narrow ? 30 : 68),
    overscan: 10,
    getItemKey: (index) => rows[index]?.id ?? index,
  });
  return (
    <div
      ref={scroll}
      className={withObject ? styles.scroll : `${styles.scroll} ${styles.narrow}`}
      role="list"
      aria-label={label}
      tabIndex={0}
    >
      <div style={{ height: virtual.getTotalSize(), position: 'relative' }} role="presentation">
        {virtual.getVirtualItems().map(({ index, start, key }) => {
          const row = rows[index];
          if (!row) return null;
          const { event, at, count, objects } = row;
          const { involvedObject: about, type = 'Normal' } = event;
          const warns = type !== 'Normal';
          return (
            <div
              key={key}
              data-index={index}
              role="listitem"
              className={warns ? `${styles.row} ${styles.warning}` : styles.row}
              style={{ transform: `translateY(${String(start)}px)` }}
            >
              <span className={styles.age}>{humanDuration(now - at)}</span>
              <span className={styles.type}>
                <span aria-hidden="true">{warns ? '▲' : '●'}</span> {t(warns ? 'type.Warning' : 'type.Normal')}
              </span>
              <span className={styles.reason}>
                {event.reason}
                {count > 1 && <span className={styles.count}>{t('times', { count })}</span>}
              </span>
              {withObject &&
                (objects > 1 ? (
                  <span className={styles.object}>{t('objects', { n: objects })}</span>
                ) : (
                  <button
                    type="button"
                    className={styles.object}
                    onClick={() => onSelect?.(event)}
                    title={`${about.kind ?? ''} ${about.namespace ?? ''}/${about.name ?? ''}`}
                  >
                    {(about.kind ?? '').toLowerCase()}/{about.name}
                  </button>
                ))}
              <span className={styles.message} title={event.message}>
                {event.message}
              </span>
            </div>
          );
        })}
      </div>
    </div>
  );
}
