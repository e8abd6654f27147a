/** Chooses, groups and sorts events for the list. */
import { eventCount, eventTime } from '../model/evidence.ts';
import type { EventRow } from '../widgets/event-list.tsx';
import type { ObjectRef } from '../model/evidence.ts';
import type { Event } from '../../api/generated/types.ts';

/** Which events, and how. */
export interface EventFilter {
  type: 'all' | 'Normal' | 'Warning';
  /** Part of the object's name, the reason or the message. */
  text: string;
  /** Only those about this object. */
  about: ObjectRef | undefined;
  /** One row per type, reason and kind of object. */
  grouped: boolean;
}

const matches = ({ involvedObject: about, reason = '', message = '' }: Event, text: string): boolean =>
  `${about.kind ?? ''}/${about.name ?? ''} ${reason} ${message}`.toLowerCase().includes(text);

/** The rows, newest first; of the same moment, the later written first. */
export function eventRows(events: readonly Event[], { type, text, about, grouped }: EventFilter): EventRow[] {
  const wanted = text.trim().toLowerCase();
  const rows: EventRow[] = [];
  const groups = new Map<string, EventRow & { names: Set<string> }>();
  for (const event of events) {
    const { involvedObject: object } = event;
    if (type !== 'all' && (event.type ?? 'Normal') !== type) continue;
    if (about && (object.kind !== about.kind || object.name !== about.name || (object.namespace ?? '') !== (about.namespace ?? '')))
      continue;
    if (wanted && !matches(event, wanted)) continue;
    const row: EventRow = { id: event.metadata.uid, event, at: eventTime(event), count: eventCount(event), objects: 1 };
    if (!grouped) {
      rows.push(row);
      continue;
    }
    const key = `${event.type ?? ''}/${event.reason ?? ''}/${object.kind ?? ''}`;
    const group = groups.get(key);
    if (!group) groups.set(key, { ...row, id: key, names: new Set([object.name ?? '']) });
    else {
      group.names.add(object.name ?? '');
      group.count += row.count;
      if (row.at >= group.at) Object.assign(group, { event, at: row.at });
    }
  }
  const all = grouped ? [...groups.values()].map(({ names, ...group }) => ({ ...group, objects: names.size })) : rows;
  return all.sort((a, b) => b.at - a.at || Number(b.event.metadata.resourceVersion) - Number(a.event.metadata.resourceVersion));
}
