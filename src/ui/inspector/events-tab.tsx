/** The events of one object. */
import { useNow } from '../cluster/hooks.ts';
import { eventsText } from '../i18n/areas/events.ts';
import { useText } from '../i18n/text.ts';
import { eventCount, eventTime } from '../model/evidence.ts';
import { EmptyState } from '../widgets/empty-state.tsx';
import { EventList } from '../widgets/event-list.tsx';
import type { Event } from '../../api/generated/types.ts';

/** The list, newest first. */
export function EventsTab({ events }: { events: readonly Event[] }) {
  const t = useText(eventsText);
  const now = useNow();
  if (!events.length) return <EmptyState title={t('empty.none')}>{t('empty.noneHint')}</EmptyState>;
  const rows = events.map((event) => ({ id: event.metadata.uid, event, at: eventTime(event), count: eventCount(event), objects: 1 }));
  return <EventList rows={rows} now={now} label={t('label')} withObject={false} />;
}
