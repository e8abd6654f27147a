/** Places that packets can go from and to, as choices; and the PacketTrace that two of them make. */
import type { PacketTrace, PacketTraceEnd, PacketTraceSpec } from '../../api/kubarium/packet-trace.ts';
import type { Node, Pod, Service } from '../../api/generated/types.ts';
import { isSystemNamespace } from '../model/system-namespaces.ts';

/** A choice. */
export interface Place {
  value: string;
  label: string;
  group: 'pods' | 'services' | 'nodes' | 'outside';
}

const isUp = ({ status }: Pod): boolean => status?.phase === 'Running' && Boolean(status.podIP);
const byName = (a: Place, b: Place): number => (a.label < b.label ? -1 : 1);
const named = (namespace: string | undefined, name: string): string => (namespace === 'default' ? name : `${namespace}/${name}`);

/** Running pods: the user's own first, those in the network of their node last. */
export function podPlaces(pods: readonly Pod[]): Place[] {
  const place = ({ metadata }: Pod): Place => ({
    value: `pod/${metadata.namespace}/${metadata.name}`,
    label: named(metadata.namespace, metadata.name),
    group: 'pods',
  });
  const up = pods.filter(isUp);
  const own = up.filter(({ metadata }) => !isSystemNamespace(metadata.namespace)).map(place);
  const system = up.filter(({ metadata }) => isSystemNamespace(metadata.namespace));
  const inPodNetwork = system.filter(({ spec }) => !spec.hostNetwork).map(place);
  const inHostNetwork = system.filter(({ spec }) => spec.hostNetwork).map(place);
  return [own, inPodNetwork, inHostNetwork].flatMap((places) => places.sort(byName));
}

/** Services, the user's own first. */
export function servicePlaces(services: readonly Service[]): Place[] {
  const place = ({ metadata }: Service): Place => ({
    value: `service/${metadata.namespace}/${metadata.name}`,
    label: `svc/${named(metadata.namespace, metadata.name)}`,
    group: 'services',
  });
  const rank = ({ metadata }: Service): number => (metadata.name === 'kubernetes' ? 2 : isSystemNamespace(metadata.namespace) ? 1 : 0);
  return [...services].sort((a, b) => rank(a) - rank(b) || (a.metadata.name < b.metadata.name ? -1 : 1)).map(place);
}

/** Nodes. */
export function nodePlaces(nodes: readonly Node[]): Place[] {
  return nodes.map(({ metadata }): Place => ({ value: `node/${metadata.name}`, label: metadata.name, group: 'nodes' })).sort(byName);
}

/** The end that a choice stands for. */
export function endOf(value: string): PacketTraceEnd {
  const [kind = '', ...rest] = value.split('/');
  const name = rest.join('/');
  if (kind === 'pod') return { pod: name };
  if (kind === 'service') return { service: name };
  if (kind === 'node') return { node: name };
  return { external: true };
}

/** The choice that an end stands for; "" for an end that was typed. */
export function choiceOf({ pod, service, node, external }: PacketTraceEnd, namespace: string): string {
  const full = (name: string): string => (name.includes('/') ? name : `${namespace}/${name}`);
  if (pod !== undefined) return `pod/${full(pod)}`;
  if (service !== undefined) return `service/${full(service)}`;
  if (node !== undefined) return `node/${node}`;
  return external ? 'external' : '';
}

/** The end that somebody typed. */
export const typedEnd = (text: string): PacketTraceEnd => (/^\d+(\.\d+){3}$/.test(text) ? { ip: text } : { host: text });

/** The port that a destination offers: a Service's first, a pod's first, else 80. */
export function usualPort(value: string, services: readonly Service[], pods: readonly Pod[]): number {
  const [kind, namespace, name] = value.split('/');
  const fits = ({ metadata }: { metadata: { namespace?: string; name: string } }) =>
    metadata.namespace === namespace && metadata.name === name;
  if (kind === 'service') return services.find(fits)?.spec.ports?.[0]?.port ?? 80;
  if (kind === 'pod') return pods.find(fits)?.spec.containers.flatMap(({ ports = [] }) => ports)[0]?.containerPort ?? 80;
  return 80;
}

/** The label of traces that the view made itself: it deletes old ones of these, and no others. */
export const MADE_HERE = 'kubarium.dev/made-by';
export const MAKER = 'packets-view';

/** The object to create. */
export function traceObject(name: string, spec: PacketTraceSpec): PacketTrace {
  const namespace = spec.from.pod?.split('/')[0] ?? 'default';
  return {
    apiVersion: 'kubarium.dev/v1alpha1',
    kind: 'PacketTrace',
    metadata: { name, namespace, labels: { [MADE_HERE]: MAKER } },
    spec,
  } as unknown as PacketTrace; // the apiserver fills in the rest
}

/** An end in words: "default/web-1", "svc/default/web", "node-1". */
export function endWords(end: PacketTraceEnd): string {
  if (end.pod !== undefined) return end.pod;
  if (end.service !== undefined) return `svc/${end.service}`;
  return end.node ?? end.host ?? end.ip ?? 'external';
}
