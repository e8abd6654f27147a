/** The kind Event. */
import { since } from '../columns.ts';
import { invalidValue } from '../../apimachinery/status.ts';
import { defineResource } from '../resource.ts';
import type { Event } from '../generated/types.ts';

const firstSeen = ({ firstTimestamp, eventTime }: Event, now: number): string => since(firstTimestamp ?? eventTime, now);

function lastSeen(event: Event, now: number): string {
  if (event.series) return since(event.series.lastObservedTime, now);
  return event.lastTimestamp ? since(event.lastTimestamp, now) : firstSeen(event, now);
}

function sourceText({ source, reportingComponent, reportingInstance }: Event): string {
  const component = source?.component || reportingComponent || '';
  const host = source?.host || reportingInstance;
  return host ? `${component}, ${host}` : component;
}

/** v1 Event. */
export const EventResource = defineResource<Event>({
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  namespaced: true,
  schema: 'core.v1.Event',
  // Upstream's is no pointer: it is there, if empty.
  defaults: (event) => ((event as Partial<typeof event>).involvedObject === undefined ? { ...event, involvedObject: {} } : event),
  selectableFields: ({ involvedObject, reason, reportingComponent, source, type }) => ({
    'involvedObject.kind': involvedObject.kind ?? '',
    'involvedObject.namespace': involvedObject.namespace ?? '',
    'involvedObject.name': involvedObject.name ?? '',
    'involvedObject.uid': involvedObject.uid ?? '',
    'involvedObject.apiVersion': involvedObject.apiVersion ?? '',
    'involvedObject.resourceVersion': involvedObject.resourceVersion ?? '',
    'involvedObject.fieldPath': involvedObject.fieldPath ?? '',
    reason: reason ?? '',
    reportingComponent: reportingComponent ?? '',
    source: source?.component || (reportingComponent ?? ''),
    type: type ?? '',
  }),
  validate({ metadata, involvedObject }) {
    const namespace = involvedObject?.namespace || 'default';
    return namespace === metadata.namespace
      ? []
      : [invalidValue('involvedObject.namespace', involvedObject?.namespace ?? '', 'does not match event.namespace')];
  },
  columns: [
    { name: 'Last Seen', value: lastSeen },
    { name: 'Type', value: ({ type }) => type ?? '' },
    { name: 'Reason', value: ({ reason }) => reason ?? '' },
    {
      name: 'Object',
      value: ({ involvedObject: { kind = '', name } }) => (name ? `${kind.toLowerCase()}/${name}` : kind.toLowerCase()),
    },
    { name: 'Subobject', priority: 1, value: ({ involvedObject }) => involvedObject.fieldPath ?? '' },
    { name: 'Source', priority: 1, value: sourceText },
    { name: 'Message', value: ({ message }) => message?.trim() ?? '' },
    { name: 'First Seen', priority: 1, value: firstSeen },
    { name: 'Count', priority: 1, value: ({ series, count }) => series?.count ?? (count || 1) },
    { name: 'Name', priority: 1, format: 'name', value: ({ metadata }) => metadata.name },
  ],
});
