/** Findings of the third grade: what Kubernetes still accepts but has given up, and what the simulation stores without acting on it. */
import { notSimulatedFields } from '../../../api/fidelity.ts';
import type { ResourceDefinition } from '../../../api/resource.ts';
import type { KubernetesObject } from '../../../apimachinery/meta.ts';
import { templateOf } from './pods.ts';
import type { ObjectFinding } from './references.ts';

const ANNOTATIONS: Record<string, { release: string; instead: string }> = {
  'kubernetes.io/ingress.class': { release: '1.18', instead: 'spec.ingressClassName' },
  'volume.beta.kubernetes.io/storage-class': { release: '1.6', instead: 'spec.storageClassName' },
  'seccomp.security.alpha.kubernetes.io/pod': { release: '1.19', instead: 'securityContext.seccompProfile' },
  'scheduler.alpha.kubernetes.io/critical-pod': { release: '1.13', instead: 'priorityClassName' },
};

const NODE_LABELS: Record<string, { release: string; instead: string }> = {
  'beta.kubernetes.io/os': { release: '1.14', instead: 'kubernetes.io/os' },
  'beta.kubernetes.io/arch': { release: '1.14', instead: 'kubernetes.io/arch' },
  'beta.kubernetes.io/instance-type': { release: '1.17', instead: 'node.kubernetes.io/instance-type' },
  'failure-domain.beta.kubernetes.io/zone': { release: '1.17', instead: 'topology.kubernetes.io/zone' },
  'failure-domain.beta.kubernetes.io/region': { release: '1.17', instead: 'topology.kubernetes.io/region' },
  'node-role.kubernetes.io/master': { release: '1.20', instead: 'node-role.kubernetes.io/control-plane' },
};

function deprecated(path: string, release: string, instead: string): ObjectFinding {
  return {
    grade: 'outdated',
    code: 'deprecated',
    path,
    params: { what: path.replace(/^.*[.[]([^.[\]]+(?:\.[^[\]]*)?)\]?$/, '$1'), release, instead },
  };
}

/** All findings of this grade about one object. */
export function outdatedFindings(object: KubernetesObject, definition: ResourceDefinition): ObjectFinding[] {
  const found: ObjectFinding[] = notSimulatedFields(definition, object).map(({ field }) => ({
    grade: 'outdated',
    code: 'notSimulated',
    path: field,
    params: { field },
  }));
  if (object.kind === 'Endpoints')
    found.push({
      ...deprecated('kind', '1.33', 'EndpointSlice'),
      params: { what: 'v1 Endpoints', release: '1.33', instead: 'discovery.k8s.io/v1 EndpointSlice' },
    });
  for (const key of Object.keys(object.metadata.annotations ?? {})) {
    const known = ANNOTATIONS[key];
    if (known) found.push({ ...deprecated(`metadata.annotations[${key}]`, known.release, known.instead), params: { what: key, ...known } });
  }
  const template = templateOf(object);
  const spec = template?.template.spec as { serviceAccount?: unknown; nodeSelector?: Record<string, unknown> } | undefined;
  if (!template || typeof spec !== 'object' || spec === null) return found;
  const base = template.path ? `${template.path}.spec` : 'spec';
  if (spec.serviceAccount !== undefined) found.push(deprecated(`${base}.serviceAccount`, '1.0', 'serviceAccountName'));
  for (const key of Object.keys(spec.nodeSelector ?? {})) {
    const known = NODE_LABELS[key];
    if (known) found.push({ ...deprecated(`${base}.nodeSelector[${key}]`, known.release, known.instead), params: { what: key, ...known } });
  }
  return found;
}
