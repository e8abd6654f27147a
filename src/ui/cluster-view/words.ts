/** Sentences about the cluster, put together from messages. */
import type { clusterViewText } from '../i18n/areas/cluster-view.ts';
import { endpointCount } from './scene-strip.ts';
import { nodeState } from '../model/node-state.ts';
import { countState, drawnState, POD_STATES } from '../model/pod-state.ts';
import { isInView } from '../model/system-namespaces.ts';
import type { Say } from '../i18n/text.ts';
import type { StateCounts } from '../model/pod-state.ts';
import type { ViewObjects } from './use-objects.ts';
import type { Scene } from './scene.ts';
import type { Pod } from '../../api/generated/types.ts';

/** Says the messages of the cluster view. */
export type SayCluster = Say<(typeof clusterViewText)['en']>;

/** "4 pods, 1 not ready": the whole number, then every state but the good ones. */
export function countsText(t: SayCluster, count: number, states: StateCounts): string {
  const pods = t('pods', { n: count });
  const odd = POD_STATES.filter((state) => state !== 'running' && state !== 'succeeded' && states[state]);
  if (!odd.length) return pods;
  return t('summary.states', { pods, states: odd.map((state) => t(`stateCount.${state}`, { count: states[state] ?? 0 })).join(', ') });
}

const MOST_NODES = 6;
const MOST_SERVICES = 4;

/** The picture in a few sentences: "3 nodes. node-1 Ready: 4 pods, 1 not ready. Service web: 3 endpoints." */
export function summary(
  t: SayCluster,
  { nodes, services, slices }: ViewObjects,
  pods: readonly Pod[],
  namespace: string | undefined,
): string {
  const byNode = new Map<string, { count: number; states: StateCounts }>();
  const silent = new Set(nodes.filter((node) => nodeState(node) === 'unknown').map(({ metadata }) => metadata.name));
  let waiting = 0;
  for (const pod of pods) {
    const { nodeName } = pod.spec;
    if (!nodeName) {
      waiting++;
      continue;
    }
    let sum = byNode.get(nodeName);
    if (!sum) byNode.set(nodeName, (sum = { count: 0, states: {} }));
    sum.count++;
    countState(sum.states, drawnState(pod, silent.has(nodeName)));
  }
  const sentences = [t('summary.nodes', { n: nodes.length })];
  for (const node of nodes.slice(0, MOST_NODES)) {
    const { name } = node.metadata;
    const { count, states } = byNode.get(name) ?? { count: 0, states: {} };
    sentences.push(t('summary.node', { name, state: t(`node.${nodeState(node)}`), pods: countsText(t, count, states) }));
  }
  if (nodes.length > MOST_NODES) sentences.push(t('summary.moreNodes', { n: nodes.length - MOST_NODES }));
  if (waiting) sentences.push(t('summary.waiting', { n: waiting }));
  const shown = services.filter((service) => isInView(service, namespace));
  for (const service of shown.slice(0, MOST_SERVICES)) {
    sentences.push(t('summary.service', { name: service.metadata.name, endpoints: t('endpoints', { n: endpointCount(service, slices) }) }));
  }
  return sentences.join(' ');
}

/** A thing of the picture in one line, for those who hear it. */
export function describeThing(t: SayCluster, { boxes, items }: Pick<Scene, 'boxes' | 'items'>, id: string): string {
  const box = boxes.find((one) => one.id === id);
  if (box) {
    const name = box.kind === 'tray' ? t('tray.title') : box.kind === 'loose' ? t('loose') : box.name;
    const pods = t('pods', { n: box.pods });
    return t('announce.at', {
      kind: box.node ? 'Node' : (box.owner?.kind ?? ''),
      name,
      detail: box.node ? `${t(`node.${nodeState(box.node)}`)}, ${pods}` : pods,
    });
  }
  const item = items.find((one) => one.id === id);
  if (!item) return '';
  if (item.tile)
    return t('announce.at', {
      kind: '',
      name: item.tile.owner?.split('/').at(-1) ?? t('everything'),
      detail: countsText(t, item.tile.count, item.tile.states),
    });
  const { kind = '', metadata } = item.object ?? {};
  const detail = item.state ? t(`state.${item.state}`) : (item.label.split('\n')[1] ?? '');
  return t('announce.at', { kind, name: metadata?.name ?? item.label, detail });
}
