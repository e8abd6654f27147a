/**
 * Findings across objects: what the apiserver accepts and what then does nothing, because a selector matches no pod, a
 * port has no such name, or an object that is referred to does not exist. Looks at the text and at what is known of the
 * cluster together.
 */
import { labelSelectorAsSelector, selectorFromSet } from '../../../apimachinery/labels.ts';
import type { Selector } from '../../../apimachinery/labels.ts';
import type { KubernetesObject, LabelSelector } from '../../../apimachinery/meta.ts';
import type { Service } from '../../../api/generated/types.ts';
import type { ClusterContext, FindingCode, Grade, LabelledPods } from '../../model/findings.ts';
import { isRecord, listOf, nameOf, specOf, templateOf, textLabels } from './pods.ts';

/** A finding that still has to be given its place in the text. */
export interface ObjectFinding {
  grade: Grade;
  code: FindingCode;
  path: string;
  params: Record<string, string>;
  /** The repair: this scalar in place of the one at `path`. */
  value?: string;
}

/** All findings about one object. `pods` and `names` hold those of the text too. */
export function referenceFindings(object: KubernetesObject, context: ClusterContext): ObjectFinding[] {
  const namespace = object.metadata.namespace ?? context.namespace;
  return [
    ...selectorFindings(object, namespace, context),
    ...templateSelectorFindings(object),
    ...(context.names ? missingReferences(object, namespace, new Set(context.names)) : []),
    ...(object.kind === 'NetworkPolicy' && context.enforcesPolicies === false
      ? [{ grade: 'useless', code: 'policyNotEnforced', path: 'kind', params: {} } as const]
      : []),
  ];
}

/** Compiles a selector that may be half written. */
function compile(make: () => Selector): Selector | undefined {
  try {
    return make();
  } catch {
    return undefined; // the apiserver's own validation says what is wrong with it
  }
}

function selectorFindings(object: KubernetesObject, namespace: string, context: ClusterContext): ObjectFinding[] {
  const spec = specOf(object);
  if (!isRecord(spec)) return [];
  const pods = context.pods.filter((pod) => pod.namespace === namespace);
  if (object.kind === 'Service' && object.apiVersion === 'v1') {
    const labels = textLabels(spec.selector);
    if (Object.keys(labels).length === 0 || spec.type === 'ExternalName') return [];
    return (
      matching(
        'spec.selector',
        compile(() => selectorFromSet(labels)),
        labels,
        pods,
      ) ?? portFindings(object as Service, labels, pods)
    );
  }
  const field = object.kind === 'NetworkPolicy' ? 'podSelector' : object.kind === 'PodDisruptionBudget' ? 'selector' : undefined;
  const selector = field === undefined ? undefined : spec[field];
  if (field === undefined || !isRecord(selector)) return [];
  const labels = textLabels(selector.matchLabels);
  const compiled = compile(() => labelSelectorAsSelector(selector as LabelSelector));
  if (compiled?.empty) return [];
  return matching(isRecord(selector.matchLabels) ? `spec.${field}.matchLabels` : `spec.${field}`, compiled, labels, pods) ?? [];
}

/** Undefined when some pod matches. */
function matching(
  path: string,
  selector: Selector | undefined,
  labels: Record<string, string>,
  pods: readonly LabelledPods[],
): ObjectFinding[] | undefined {
  if (!selector || pods.some((pod) => selector.matches(pod.labels))) return undefined;
  const params = { selector: selector.toString() };
  const near = nearMiss(labels, pods);
  if (!near) return [{ grade: 'useless', code: 'selectsNothing', path, params }];
  const { key, value } = near;
  return [{ grade: 'useless', code: 'selectsNothingNear', path: `${path}[${key}]`, params: { ...params, near: `${key}=${value}` }, value }];
}

/** The one label that keeps the selector from matching, with the value that pods have. */
function nearMiss(labels: Record<string, string>, pods: readonly LabelledPods[]): { key: string; value: string } | undefined {
  for (const pod of pods) {
    const wrong = Object.keys(labels).filter((key) => pod.labels[key] !== labels[key]);
    const [key] = wrong;
    const value = key === undefined ? undefined : pod.labels[key];
    if (wrong.length === 1 && key !== undefined && value !== undefined) return { key, value };
  }
  return undefined;
}

function portFindings(service: Service, labels: Record<string, string>, pods: readonly LabelledPods[]): ObjectFinding[] {
  const selector = selectorFromSet(labels);
  const names = new Set(pods.filter((pod) => selector.matches(pod.labels)).flatMap((pod) => pod.portNames));
  return listOf(service.spec?.ports).flatMap((port, at) => {
    const target = isRecord(port) ? port.targetPort : undefined;
    if (typeof target !== 'string' || /^\d+$/.test(target) || names.has(target)) return [];
    const path = `spec.ports[${String(at)}].targetPort`;
    return [{ grade: 'useless', code: 'portNameUnknown', path, params: { port: target, names: [...names].join(', ') || '–' } } as const];
  });
}

const SELECTING = new Set(['Deployment', 'ReplicaSet', 'StatefulSet', 'DaemonSet', 'ReplicationController']);

/** A workload whose selector does not match its own template is refused. */
function templateSelectorFindings(object: KubernetesObject): ObjectFinding[] {
  const spec = specOf(object);
  const found = SELECTING.has(object.kind) ? templateOf(object) : undefined;
  if (!found || !isRecord(spec?.selector)) return [];
  const labels = textLabels(found.template.metadata?.labels);
  const plain = object.kind === 'ReplicationController';
  const selector = compile(() =>
    plain ? selectorFromSet(textLabels(spec.selector)) : labelSelectorAsSelector(spec.selector as LabelSelector),
  );
  if (!selector || selector.matches(labels)) return [];
  const shown = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return [
    {
      grade: 'blocks',
      code: 'selectorMismatch',
      path: 'spec.selector',
      params: { selector: selector.toString(), labels: shown.join(',') || '–' },
    },
  ];
}

interface Reference {
  kind: string;
  name: unknown;
  path: string;
  optional?: unknown;
}

function missingReferences(object: KubernetesObject, namespace: string, names: ReadonlySet<string>): ObjectFinding[] {
  const template = templateOf(object);
  const references = [...(template ? podReferences(template.template.spec, template.path) : []), ...ownReferences(object)];
  return references.flatMap(({ kind, name, path, optional }) => {
    if (typeof name !== 'string' || name === '' || optional === true || names.has(nameOf(kind, namespace, name))) return [];
    return [{ grade: 'useless', code: 'missingReference', path, params: { kind, name } } as const];
  });
}

function podReferences(spec: unknown, base: string): Reference[] {
  if (!isRecord(spec)) return [];
  const at = base ? `${base}.spec` : 'spec';
  const found: Reference[] = listOf(spec.volumes).flatMap((volume, index) =>
    isRecord(volume) ? volumeReferences(volume, `${at}.volumes[${String(index)}]`) : [],
  );
  for (const list of ['initContainers', 'containers']) {
    listOf(spec[list]).forEach((container, index) => {
      if (isRecord(container)) found.push(...environmentReferences(container, `${at}.${list}[${String(index)}]`));
    });
  }
  return found;
}

function volumeReferences(volume: Record<string, unknown>, path: string): Reference[] {
  const { configMap, secret, persistentVolumeClaim } = volume;
  return [
    ...(isRecord(configMap)
      ? [{ kind: 'ConfigMap', name: configMap.name, optional: configMap.optional, path: `${path}.configMap.name` }]
      : []),
    ...(isRecord(secret)
      ? [{ kind: 'Secret', name: secret.secretName, optional: secret.optional, path: `${path}.secret.secretName` }]
      : []),
    ...(isRecord(persistentVolumeClaim)
      ? [{ kind: 'PersistentVolumeClaim', name: persistentVolumeClaim.claimName, path: `${path}.persistentVolumeClaim.claimName` }]
      : []),
  ];
}

function environmentReferences(container: Record<string, unknown>, path: string): Reference[] {
  const sources: [unknown, string][] = [
    ...listOf(container.envFrom).map((source, at): [unknown, string] => [source, `${path}.envFrom[${String(at)}]`]),
    ...listOf(container.env).map((entry, at): [unknown, string] => [
      isRecord(entry) ? entry.valueFrom : undefined,
      `${path}.env[${String(at)}].valueFrom`,
    ]),
  ];
  return sources.flatMap(([source, at]) => {
    if (!isRecord(source)) return [];
    const forms: [string, string][] = [
      ['ConfigMap', 'configMapRef'],
      ['Secret', 'secretRef'],
      ['ConfigMap', 'configMapKeyRef'],
      ['Secret', 'secretKeyRef'],
    ];
    return forms.flatMap(([kind, field]) => {
      const reference = source[field];
      return isRecord(reference) ? [{ kind, name: reference.name, optional: reference.optional, path: `${at}.${field}.name` }] : [];
    });
  });
}

function ownReferences(object: KubernetesObject): Reference[] {
  const spec = specOf(object);
  if (!isRecord(spec)) return [];
  if (object.kind === 'HorizontalPodAutoscaler' && isRecord(spec.scaleTargetRef)) {
    return [{ kind: String(spec.scaleTargetRef.kind), name: spec.scaleTargetRef.name, path: 'spec.scaleTargetRef.name' }];
  }
  if (object.kind !== 'Ingress') return [];
  return listOf(spec.rules).flatMap((rule, row) => {
    const paths = isRecord(rule) && isRecord(rule.http) ? listOf(rule.http.paths) : [];
    return paths.flatMap((path, column) => {
      const backend = isRecord(path) ? path.backend : undefined;
      const service = isRecord(backend) ? backend.service : undefined;
      const at = `spec.rules[${String(row)}].http.paths[${String(column)}].backend.service.name`;
      return isRecord(service) ? [{ kind: 'Service', name: service.name, path: at }] : [];
    });
  });
}
