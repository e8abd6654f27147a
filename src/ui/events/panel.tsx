/** The events dock: what the components say they did, newest first, with filters and grouping. */
import { useMemo, useState } from 'react';
import { useNow } from '../cluster/hooks.ts';
import { useCalmList } from '../cluster/use-calm-list.ts';
import { EVENTS } from '../cluster/resources.ts';
import { eventsText } from '../i18n/areas/events.ts';
import { useText } from '../i18n/text.ts';
import { useUiState } from '../state/ui-state.ts';
import { Button } from '../widgets/button.tsx';
import { EmptyState } from '../widgets/empty-state.tsx';
import { EventList } from '../widgets/event-list.tsx';
import { eventRows } from './event-rows.ts';
import styles from './panel.module.css';
import type { EventFilter } from './event-rows.ts';
import type { Event } from '../../api/generated/types.ts';

/** The panel. */
export function Panel() {
  const t = useText(eventsText);
  const now = useNow();
  const { namespace, selection, select } = useUiState();
  const { items } = useCalmList<Event>(EVENTS, { namespace });
  const [type, setType] = useState<EventFilter['type']>('all');
  const [text, setText] = useState('');
  const [own, setOwn] = useState(false);
  const [grouped, setGrouped] = useState(false);
  const about = own ? selection : undefined;
  const rows = useMemo(() => eventRows(items, { type, text, about, grouped }), [items, type, text, about, grouped]);
  const clear = () => {
    setType('all');
    setText('');
    setOwn(false);
  };
  const filters = [type === 'all' ? '' : type, text && `“${text}”`, about ? `${about.kind} ${about.name}` : ''].filter(Boolean).join(', ');
  return (
    <div className={styles.panel}>
      <div className={styles.bar}>
        <label className={styles.field}>
          {t('type')}
          <select value={type} onChange={(event) => setType(event.target.value as EventFilter['type'])}>
            {(['all', 'Normal', 'Warning'] as const).map((option) => (
              <option key={option} value={option}>
                {t(`type.${option}`)}
              </option>
            ))}
          </select>
        </label>
        <input
          className={styles.text}
          type="search"
          data-filter=""
          placeholder={t('object')}
          aria-label={t('object')}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <label className={styles.field}>
          <input type="checkbox" checked={own} disabled={!selection} onChange={(event) => setOwn(event.target.checked)} />
          {t('selection')}
        </label>
        <label className={styles.field}>
          <input type="checkbox" checked={grouped} onChange={(event) => setGrouped(event.target.checked)} />
          {t('group')}
        </label>
        <span className={styles.count}>{t('shown', { n: rows.length })}</span>
      </div>
      {rows.length > 0 ? (
        <EventList
          rows={rows}
          now={now}
          label={t('label')}
          withObject
          onSelect={({ involvedObject: { apiVersion = 'v1', kind = '', name = '', namespace: where } }) =>
            select({ apiVersion, kind, name, ...(where && { namespace: where }) }, true)
          }
        />
      ) : filters ? (
        <EmptyState title={t('empty.filter', { filter: filters })} actions={<Button onClick={clear}>{t('empty.clear')}</Button>} />
      ) : (
        <EmptyState title={t('empty.none')}>{t('empty.noneHint')}</EmptyState>
      )}
    </div>
  );
}
