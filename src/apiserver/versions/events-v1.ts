/** events.k8s.io/v1: the same events under their newer field names (`k8s.io/kubernetes/pkg/apis/events/v1/conversion.go`). */
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { EventResource } from '../../api/core/event.ts';
import type { Event } from '../../api/generated/types.ts';
import type { ResourceDefinition } from '../../api/resource.ts';
import type { VersionConversion } from './conversion.ts';

type Fields = Record<string, unknown>;

/** core v1 → events.k8s.io v1 */
const RENAMED = {
  involvedObject: 'regarding',
  message: 'note',
  source: 'deprecatedSource',
  firstTimestamp: 'deprecatedFirstTimestamp',
  lastTimestamp: 'deprecatedLastTimestamp',
  count: 'deprecatedCount',
  reportingComponent: 'reportingController',
} as const;
const BACK = Object.fromEntries(Object.entries(RENAMED).map(([core, events]) => [events, core]));

function renamed(object: KubernetesObject, names: Readonly<Record<string, string>>, apiVersion: string): KubernetesObject {
  const entries = Object.entries(object as unknown as Fields).map(([key, value]) => [names[key] ?? key, value] as const);
  return { ...(Object.fromEntries(entries) as unknown as KubernetesObject), apiVersion };
}

const toStored = (object: KubernetesObject): KubernetesObject => renamed(object, BACK, 'v1');

/** events.k8s.io/v1 beside the stored core v1. */
export const eventsV1: VersionConversion = {
  definition: {
    ...EventResource,
    group: 'events.k8s.io',
    schema: 'events.v1.Event',
    columns: EventResource.columns.map((column) => ({
      ...column,
      value: (object: Event, now: number) => column.value(toStored(object) as Event, now),
    })),
  } as unknown as ResourceDefinition,
  storedGroup: '',
  toStored,
  fromStored: (object) => renamed(object, RENAMED, 'events.k8s.io/v1'),
};
