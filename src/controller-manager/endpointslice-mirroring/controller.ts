/**
 * The EndpointSlice mirroring controller (`pkg/controller/endpointslicemirroring`): Endpoints that somebody wrote for a
 * Service without selector appear as EndpointSlices too, because that is all that kube-proxy and DNS read.
 * Differs: all addresses of a subset are mirrored, not only the first 1000 (`--mirroring-max-endpoints-per-subset`).
 */
import { EndpointsResource } from '../../api/core/endpoints.ts';
import { ServiceResource } from '../../api/core/service.ts';
import type { Endpoints } from '../../api/generated/types.ts';
import { keyOf } from '../../apimachinery/meta.ts';
import { requeueAfter, startController } from '../../client/controller.ts';
import type { Requeue } from '../../client/controller.ts';
import type { ControllerDeps } from '../deps.ts';
import { slicesManagedBy, SliceWriter, STALE_RETRY_MS } from '../slice-writer.ts';
import { CONTROLLER_NAME, isMirrored, mirroredAnnotations, mirroredGroups, mirroredLabels } from './mirror.ts';

/** Starts the controller. */
export function startEndpointSliceMirroringController(deps: ControllerDeps): void {
  const endpoints = deps.informers.informer(EndpointsResource);
  const services = deps.informers.informer(ServiceResource);
  const slices = slicesManagedBy(deps, CONTROLLER_NAME);
  const controller = startController(deps.scope, 'endpoints', reconcile, [endpoints, services, slices.informer]);
  const writer = new SliceWriter(deps, controller, slices);
  const enqueue = (object: Parameters<typeof keyOf>[0]) => controller.enqueue(keyOf(object));
  const enqueueMirrored = (object: Endpoints) => {
    if (isMirrored(object)) enqueue(object);
  };
  endpoints.addHandler(
    {
      add: enqueueMirrored,
      update(object, old) {
        if (isMirrored(object) || isMirrored(old)) enqueue(object);
      },
      delete: enqueueMirrored,
    },
    deps.scope,
  );
  services.addHandler(
    {
      add: enqueue,
      update(service, old) {
        if ((service.spec.selector === undefined) !== (old.spec.selector === undefined)) enqueue(service);
      },
      delete: enqueue,
    },
    deps.scope,
  );

  function reconcile(key: string): Requeue | undefined {
    if (writer.isStale(key)) return requeueAfter(STALE_RETRY_MS);
    const source = endpoints.get(key);
    if (source === undefined || !isMirrored(source)) return removeAll(key);
    const service = services.get(key);
    if (service === undefined || service.spec.selector !== undefined) return removeAll(key);
    const content = { owner: source, labels: mirroredLabels(source), annotations: mirroredAnnotations(source) };
    const existing = slices.of(key);
    const wanted = mirroredGroups(source);
    for (const [addressType, groups] of wanted) writer.write(content, addressType, existing, groups);
    for (const slice of existing) if (!wanted.has(slice.addressType)) writer.remove(key, slice);
    return undefined;
  }

  function removeAll(key: string): undefined {
    for (const slice of slices.of(key)) writer.remove(key, slice);
  }
}
