/** Subresources of pods that the apiserver passes on to the pod's kubelet: log, for now. Exec comes with the shell. */
import { badRequest, notFound, StatusError } from '../apimachinery/status.ts';
import type { Pod } from '../api/generated/types.ts';
import type { ApiResponse } from '../api/request.ts';
import type { Subresource, SubresourceCall } from '../apiserver/subresources/subresource.ts';
import type { ClusterNode } from './node.ts';

/** GET pods/{name}/log. The answer is `{ kind: "Log", text }`; the HTTP edge sends the text alone. */
export function logSubresource(nodeByName: (name: string) => ClusterNode | undefined): Subresource {
  return {
    resource: 'pods',
    name: 'log',
    handle({ registry, request }: SubresourceCall): ApiResponse | undefined {
      if (request.verb !== 'get') return undefined;
      const pod = registry.get(request.namespace, request.name ?? '') as Pod;
      const container = containerOf(pod, request.options?.query?.['container']);
      const nodeName = pod.spec.nodeName ?? '';
      const kubelet = nodeByName(nodeName)?.kubelet;
      if (nodeName === '') throw badRequest(`pod ${pod.metadata.name} does not have a host assigned`);
      if (kubelet === undefined) throw new StatusError(500, 'InternalError', `Get "https://${nodeName}:10250/containerLogs/${pod.metadata.namespace}/${pod.metadata.name}/${container}": dial tcp: connect: no route to host`);
      const { query = {} } = request.options ?? {};
      const text = kubelet.logs(pod.metadata.namespace ?? '', pod.metadata.name, container, {
        previous: query['previous'] === 'true',
        ...(query['tailLines'] !== undefined && { tailLines: Number(query['tailLines']) }),
      });
      const object = { apiVersion: 'v1', kind: 'Log', metadata: pod.metadata, text };
      return { code: 200, object, warnings: [] };
    },
  };
}

function containerOf({ metadata, spec }: Pod, wanted: string | undefined): string {
  const names = [...spec.containers, ...(spec.initContainers ?? [])].map(({ name }) => name);
  if (wanted !== undefined && wanted !== '') {
    if (!names.includes(wanted)) throw badRequest(`container ${wanted} is not valid for pod ${metadata.name}`);
    return wanted;
  }
  const [first, ...others] = names;
  if (first === undefined) throw notFound({ group: '', resource: 'pods' }, metadata.name);
  if (others.length > 0) throw badRequest(`a container name must be specified for pod ${metadata.name}, choose one of: [${names.join(' ')}]`);
  return first;
}
