/**
 * Versions of a kind other than the stored one (`k8s.io/apimachinery/pkg/conversion`): autoscaling/v1 beside v2, events.k8s.io beside the
 * core's events, and the further versions of custom resources.
 */
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { WatchEvent, WatchSink } from '../../api/request.ts';
import type { ResourceDefinition } from '../../api/resource.ts';

/** One further version. Both functions are pure and leave metadata alone. */
export interface VersionConversion {
  /** The kind as this version has it. */
  definition: ResourceDefinition;
  /** Group of the stored version. */
  storedGroup: string;
  toStored(object: KubernetesObject): KubernetesObject;
  fromStored(object: KubernetesObject): KubernetesObject;
}

/** A sink that hands on objects in their other version. */
export function convertedSink({ fromStored }: VersionConversion, sink: WatchSink): WatchSink {
  const convert = (event: WatchEvent): WatchEvent => {
    if (event.type === 'ERROR' || event.type === 'BOOKMARK') return event;
    return { type: event.type, object: fromStored(event.object) };
  };
  return { events: (batch) => sink.events(batch.map(convert)), closed: () => sink.closed() };
}
