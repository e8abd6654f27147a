/** PodSecurity: pods by the standard that their namespace's labels ask for (`k8s.io/pod-security-admission/admission`). */
import { NamespaceResource } from '../../api/core/namespace.ts';
import { forbidden } from '../../apimachinery/status.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { PodSpec } from '../../api/generated/types.ts';
import { userRequests } from '../user-requests.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import type { PodSecurityLevel } from './pod-security-checks.ts';

const LABEL = 'pod-security.kubernetes.io/';

interface Policy {
  level: PodSecurityLevel;
  version: string;
}

export const podSecurity: AdmissionPlugin = {
  name: 'PodSecurity',
  seesSubresources: true,
  validate(request) {
    const { operation, subresource, object, namespace, resource } = request;
    if (
      operation === 'DELETE' ||
      object === undefined ||
      namespace === undefined ||
      (subresource !== '' && subresource !== 'ephemeralcontainers')
    )
      return;
    const isPod = resource.kind === 'Pod' && resource.group === '';
    // Of a pod's update only containers and images matter here; they are compared by reference.
    if (isPod && operation === 'UPDATE' && specOf(object) === specOf(request.old)) return;
    const labels = request.reader.get(NamespaceResource, undefined, namespace)?.metadata.labels;
    if (labels === undefined) return;
    const enforce = policyOf(labels, 'enforce');
    const warn = policyOf(labels, 'warn');
    if (enforce === undefined && warn === undefined) return;
    const spec = isPod ? specOf(object) : templateSpecOf(object);
    if (spec?.containers === undefined) return;
    if (isPod) refuse(request, spec, enforce);
    const texts = warn === undefined ? '' : violations(spec, warn);
    if (warn !== undefined && texts !== '') request.warn?.(`would violate PodSecurity "${warn.level}:${warn.version}": ${texts}`);
  },
};

function refuse({ name }: AdmissionRequest, spec: PodSpec, enforce: Policy | undefined): void {
  if (enforce === undefined) return;
  const texts = violations(spec, enforce);
  if (texts !== '')
    throw forbidden({ group: '', resource: 'pods' }, name, `violates PodSecurity "${enforce.level}:${enforce.version}": ${texts}`);
}

const violations = (spec: PodSpec, { level }: Policy): string =>
  userRequests
    .get()
    .podSecurityViolations(spec, level)
    .map(({ reason, detail }) => `${reason} (${detail})`)
    .join(', ');

/** Differs: an unknown level counts as privileged; upstream takes it for restricted and refuses such labels. */
function policyOf(labels: Readonly<Record<string, string>>, mode: 'enforce' | 'warn'): Policy | undefined {
  const level = labels[LABEL + mode];
  if (level !== 'baseline' && level !== 'restricted') return undefined;
  return { level, version: labels[`${LABEL}${mode}-version`] ?? 'latest' };
}

type WithSpec = KubernetesObject & { spec?: unknown };

const specOf = (object: KubernetesObject | undefined): PodSpec | undefined => (object as WithSpec | undefined)?.spec as PodSpec | undefined;

/** The pod template of a workload: only warned about. */
function templateSpecOf(object: KubernetesObject): PodSpec | undefined {
  const spec = (object as WithSpec).spec as
    { template?: { spec?: PodSpec }; jobTemplate?: { spec?: { template?: { spec?: PodSpec } } } } | undefined;
  return spec?.template?.spec ?? spec?.jobTemplate?.spec?.template?.spec;
}
