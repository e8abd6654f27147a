/** Ingresses, NetworkPolicies and PersistentVolumeClaims in the picture: their cards, and what each of them has to do with. */
import { labelSelectorAsSelector } from '../../apimachinery/labels.ts';
import { refKey, sceneKey } from './scene.ts';
import type { CardKind, Relation, SceneInput } from './scene.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { Ingress, NetworkPolicy, PersistentVolumeClaim, Pod } from '../../api/generated/types.ts';

/** Shape of an object's card, and the line below its name. */
export function relatedCard(object: KubernetesObject): { kind: CardKind; note: string } {
  if (object.kind === 'Ingress') {
    const hosts = ((object as Ingress).spec?.rules ?? []).map(({ host }) => host ?? '*');
    return { kind: 'ingress', note: `Ingress ${hosts[0] ?? '*'}${hosts.length > 1 ? ' …' : ''}` };
  }
  if (object.kind === 'NetworkPolicy') return { kind: 'policy', note: 'NetworkPolicy' };
  const { status, spec } = object as PersistentVolumeClaim;
  return { kind: 'claim', note: `PVC ${status?.phase ?? 'Pending'} ${spec?.resources?.requests?.['storage'] ?? ''}`.trimEnd() };
}

interface Related {
  kind: Relation;
  source: string;
  target: string;
}

function routes(ingress: Ingress): Related[] {
  const { defaultBackend, rules = [] } = ingress.spec ?? {};
  const backends = [defaultBackend, ...rules.flatMap(({ http }) => (http?.paths ?? []).map(({ backend }) => backend))];
  const names = new Set(backends.flatMap((backend) => backend?.service?.name ?? []));
  const { namespace } = ingress.metadata;
  return [...names].map((name) => ({
    kind: 'routes',
    source: sceneKey(ingress),
    target: refKey({ kind: 'Service', name, ...(namespace && { namespace }) }),
  }));
}

/** The pods among `pods` that may have to do with the object: all of its namespace, or only the one that is selected. */
const candidates = ({ metadata }: KubernetesObject, pods: readonly Pod[], selected: string): readonly Pod[] =>
  pods.filter((pod) => pod.metadata.namespace === metadata.namespace && (!selected.startsWith('Pod/') || sceneKey(pod) === selected));

/** What the object has to do with, as far as it concerns the selected thing. */
export function relationsOf(object: KubernetesObject, { pods }: Pick<SceneInput, 'pods'>, selected: string): Related[] {
  const own = sceneKey(object);
  if (object.kind === 'Ingress') return routes(object as Ingress);
  if (own !== selected && !selected.startsWith('Pod/')) return [];
  const near = candidates(object, pods, selected);
  if (object.kind === 'NetworkPolicy') {
    const selector = labelSelectorAsSelector((object as NetworkPolicy).spec?.podSelector ?? {});
    const covered = near.filter(({ metadata }) => selector.matches(metadata.labels ?? {}));
    return covered.map((pod) => ({ kind: 'covers', source: own, target: sceneKey(pod) }));
  }
  const users = near.filter(({ spec }) =>
    spec.volumes?.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === object.metadata.name),
  );
  return users.map((pod) => ({ kind: 'mounts', source: sceneKey(pod), target: own }));
}
