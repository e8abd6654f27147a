/**
 * What admission adds to every pod's spec: service account and its token volume (ServiceAccount), priority (Priority)
 * and the two five-minute tolerations (DefaultTolerationSeconds), under `k8s.io/kubernetes/plugin/pkg/admission`.
 *
 * The result for one frozen spec is remembered, so that all pods of a template go on sharing one spec.
 * Differs: the token volume's name ends in a hash of the service account, not in five random letters, because of that sharing.
 */
import { ownEntry } from '../../apimachinery/own-entry.ts';
import { fnv32a, safeEncodeString } from '../../apimachinery/safe-encode.ts';
import { forbidden } from '../../apimachinery/status.ts';
import { ServiceAccountResource } from '../../api/core/service-account.ts';
import { NOT_READY, UNREACHABLE } from '../../api/core/taints.ts';
import type { Container, Pod, PodSpec, Toleration, Volume, VolumeMount } from '../../api/generated/types.ts';
import { PriorityClassResource, SYSTEM_PRIORITIES } from '../../api/scheduling/priority-class.ts';
import { deepFreeze } from '../../apimachinery/freeze.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';

const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const MIRROR = 'kubernetes.io/config.mirror';
const pods = { group: '', resource: 'pods' };

/** Made specs by frozen source spec; `context` says what else the result depends on. */
const remembered = new WeakMap<PodSpec, { context: string; result: PodSpec }>();

export const podDefaults: AdmissionPlugin = {
  name: 'ServiceAccount, Priority, DefaultTolerationSeconds',
  admit(request, object) {
    const { operation, resource, namespace, reader } = request;
    if (operation !== 'CREATE' || resource.kind !== 'Pod' || resource.group !== '') return object;
    const pod = object as Pod;
    // Validation refuses it a moment later.
    if (!Array.isArray((pod.spec as Partial<PodSpec> | undefined)?.containers)) return object;
    // Only specs that several pods may share are worth a place in memory: what a client sent is one pod's.
    if (!Object.isFrozen(pod.spec)) return { ...pod, spec: madeSpec(request, pod) };
    const context = [
      namespace,
      pod.spec.serviceAccountName ?? '',
      reader.generation(ServiceAccountResource),
      reader.generation(PriorityClassResource),
      isMirror(pod),
    ].join('|');
    const known = remembered.get(pod.spec);
    if (known?.context === context) return { ...pod, spec: known.result };
    const result = deepFreeze(madeSpec(request, pod));
    remembered.set(pod.spec, { context, result });
    return { ...pod, spec: result };
  },
};

const madeSpec = (request: AdmissionRequest, pod: Pod): PodSpec =>
  withTolerations(withPriority(request, pod, withServiceAccount(request, pod)));

const isMirror = ({ metadata }: Pod) => metadata.annotations?.[MIRROR] !== undefined;

function withServiceAccount({ reader, namespace, name }: AdmissionRequest, pod: Pod): PodSpec {
  if (isMirror(pod)) return pod.spec;
  const accountName = pod.spec.serviceAccountName || 'default';
  const account = reader.get(ServiceAccountResource, namespace, accountName);
  if (account === undefined)
    throw forbidden(pods, name, `error looking up service account ${namespace}/${accountName}: serviceaccount "${accountName}" not found`);
  const spec: PodSpec = { ...pod.spec, serviceAccountName: accountName, serviceAccount: accountName };
  if (!spec.imagePullSecrets?.length && account.imagePullSecrets) spec.imagePullSecrets = account.imagePullSecrets;
  const mounts = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
  return mounts
    ? withTokenVolume(spec, `kube-api-access-${safeEncodeString(String(fnv32a(`${namespace}/${accountName}`))).slice(0, 5)}`)
    : spec;
}

/** Volumes and mounts by the volume's name: the same for every pod of a service account. */
const tokenParts = new Map<string, { volume: Volume; mounted: VolumeMount }>();
const MAX_TOKEN_PARTS = 1024;

function tokenPartsOf(volumeName: string): { volume: Volume; mounted: VolumeMount } {
  let parts = tokenParts.get(volumeName);
  if (parts !== undefined) return parts;
  if (tokenParts.size >= MAX_TOKEN_PARTS) tokenParts.clear();
  parts = deepFreeze({ volume: tokenVolume(volumeName), mounted: { name: volumeName, readOnly: true, mountPath: TOKEN_PATH } });
  tokenParts.set(volumeName, parts);
  return parts;
}

function withTokenVolume(spec: PodSpec, volumeName: string): PodSpec {
  const { volume, mounted } = tokenPartsOf(volumeName);
  const mount = (container: Container): Container => {
    if (container.volumeMounts?.some(({ mountPath }) => mountPath === TOKEN_PATH)) return container;
    return { ...container, volumeMounts: [...(container.volumeMounts ?? []), mounted] };
  };
  return {
    ...spec,
    containers: spec.containers.map(mount),
    ...(spec.initContainers && { initContainers: spec.initContainers.map(mount) }),
    volumes: [...(spec.volumes ?? []), volume],
  };
}

function tokenVolume(name: string): Volume {
  return {
    name,
    projected: {
      defaultMode: 0o644,
      sources: [
        { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
      ],
    },
  };
}

/** The class of the pod, or the default one; what it says of priority and preemption. Throws Forbidden for a class that does not exist. */
function priorityOf(
  { reader, name }: AdmissionRequest,
  className: string,
): Pick<PodSpec, 'priorityClassName' | 'priority' | 'preemptionPolicy'> {
  if (className === '') {
    const byDefault = reader.list(PriorityClassResource).find(({ globalDefault }) => globalDefault === true);
    if (byDefault === undefined) return { priority: 0, preemptionPolicy: 'PreemptLowerPriority' };
    const { value, preemptionPolicy = 'PreemptLowerPriority' } = byDefault;
    return { priorityClassName: byDefault.metadata.name, priority: value, preemptionPolicy };
  }
  const found = reader.get(PriorityClassResource, undefined, className);
  const priority = found?.value ?? ownEntry(SYSTEM_PRIORITIES, className);
  if (priority === undefined) throw forbidden(pods, name, `no PriorityClass with name ${className} was found`);
  return { priority, preemptionPolicy: found?.preemptionPolicy ?? 'PreemptLowerPriority' };
}

/** Gives the pod what its class says (`priority/admission.go`, admitPod). What it says itself may not differ: Forbidden. */
function withPriority(request: AdmissionRequest, pod: Pod, spec: PodSpec): PodSpec {
  const given = priorityOf(request, spec.priorityClassName ?? '');
  const { priority, preemptionPolicy } = pod.spec;
  const refuse = (what: string, own: string | number, computed: string | number | undefined) =>
    forbidden(
      pods,
      request.name,
      `the ${what} (${own}) must not be provided in pod spec; priority admission controller computed ${computed} from the given PriorityClass name`,
    );
  if (priority !== undefined && priority !== given.priority) throw refuse('integer value of priority', priority, given.priority);
  if (preemptionPolicy !== undefined && preemptionPolicy !== given.preemptionPolicy)
    throw refuse('string value of PreemptionPolicy', preemptionPolicy, given.preemptionPolicy);
  return { ...spec, ...given };
}

const DEFAULT_TOLERATIONS: readonly (Toleration & { key: string })[] = deepFreeze(
  [NOT_READY, UNREACHABLE].map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 })),
);

function withTolerations(spec: PodSpec): PodSpec {
  const tolerations = spec.tolerations ?? [];
  const missing = [NOT_READY, UNREACHABLE].filter((key) => !tolerations.some((toleration) => tolerates(toleration, key)));
  if (missing.length === 0) return spec;
  const added = DEFAULT_TOLERATIONS.filter(({ key }) => missing.includes(key));
  return { ...spec, tolerations: [...tolerations, ...added] };
}

function tolerates({ key: own, effect }: Toleration, key: string): boolean {
  return (!own || own === key) && (!effect || effect === 'NoExecute');
}
