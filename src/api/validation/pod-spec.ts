/**
 * Pod specs, in pods and in templates (`ValidatePodSpec` in `pkg/apis/core/validation/validation.go`), in upstream's order.
 *
 * Specs found valid are remembered by their list of containers: a pod made from a template, and the same pod after the scheduler
 * set its node, differ in few fields from a spec that was checked before, and then cost a comparison of references.
 * Differs: securityContext, overhead, resourceClaims and Windows options are checked for their types only.
 */
import { broken, MAX_INT32, oneOf, requiredSubdomain, validateIP } from './common.ts';
import { duplicate, forbiddenField, invalidValue, required } from '../../apimachinery/status.ts';
import { isDNS1123Label, isDNS1123Subdomain, isQualifiedName, rangeMessage } from '../../apimachinery/names.ts';
import { validateAffinity, validateSpreadConstraints, validateTolerations } from './scheduling.ts';
import { validateContainers, validateInitContainers } from './containers.ts';
import { validateAnnotations, validateLabels } from './object-meta.ts';
import { validateVolumes } from './volumes.ts';
import type { Container, PodDNSConfig, PodSpec, PodTemplateSpec } from '../generated/types.ts';
import type { FieldError } from '../../apimachinery/status.ts';

const RESTART_POLICIES = ['Always', 'OnFailure', 'Never'];
const DNS_POLICIES = ['ClusterFirstWithHostNet', 'ClusterFirst', 'Default', 'None'];
const NONE: FieldError[] = [];

/** Valid frozen specs, by their list of containers. */
const valid = new WeakMap<readonly Container[], PodSpec>();

/** Same but for the node's name: every field is the same reference or scalar. */
function sameButNode(spec: PodSpec, known: PodSpec): boolean {
  const keys = new Set([...Object.keys(spec), ...Object.keys(known)]) as Set<keyof PodSpec>;
  keys.delete('nodeName');
  for (const key of keys) if (spec[key] !== known[key]) return false;
  return true;
}

/** What is wrong with a spec, defaults already filled in. `path` is "spec" or "spec.template.spec". */
export function validatePodSpec(spec: PodSpec, path: string): FieldError[] {
  const known = spec.containers && valid.get(spec.containers);
  if (known && sameButNode(spec, known)) return nodeName(spec, path);
  const errors = checkPodSpec(spec, path);
  if (errors.length === 0 && Object.isFrozen(spec)) valid.set(spec.containers, spec);
  return errors;
}

const nodeName = ({ nodeName: name }: PodSpec, path: string): FieldError[] =>
  name ? broken(`${path}.nodeName`, name, isDNS1123Subdomain(name)) : NONE;

function checkPodSpec(spec: PodSpec, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const grace = spec.terminationGracePeriodSeconds;
  if (grace === undefined) errors.push(required(`${path}.terminationGracePeriodSeconds`));
  const { errors: volumeErrors, known } = validateVolumes(spec.volumes, `${path}.volumes`);
  const context = { volumes: known, gracePeriodSeconds: grace ?? 0 };
  errors.push(
    ...volumeErrors,
    ...validateContainers(spec.containers, context, `${path}.containers`),
    ...validateInitContainers(spec, context, `${path}.initContainers`),
    ...validateHostNetwork(spec, path),
    ...oneOf(`${path}.restartPolicy`, spec.restartPolicy, RESTART_POLICIES, true),
    ...oneOf(`${path}.dnsPolicy`, spec.dnsPolicy, DNS_POLICIES, true),
    ...validateLabels(spec.nodeSelector, `${path}.nodeSelector`),
    ...(spec.imagePullSecrets ?? []).flatMap(({ name }, index) => (name ? [] : [required(`${path}.imagePullSecrets[${index}].name`)])),
    ...validateAffinity(spec.affinity, `${path}.affinity`),
    ...validateDNSConfig(spec.dnsConfig, spec.dnsPolicy, `${path}.dnsConfig`),
    ...validateGates(spec, path),
    ...validateSpreadConstraints(spec.topologySpreadConstraints, `${path}.topologySpreadConstraints`),
    ...validateNames(spec, path),
  );
  return errors;
}

/** On the host's network, a container's port is the host's. */
function validateHostNetwork({ hostNetwork, containers, initContainers }: PodSpec, path: string): FieldError[] {
  if (!hostNetwork) return NONE;
  const check = (list: readonly Container[] | undefined, name: string) =>
    (list ?? []).flatMap(({ ports = [] }, container) =>
      ports.flatMap(({ hostPort, containerPort }, port) => {
        const at = `${path}.${name}[${container}].ports[${port}].containerPort`;
        return hostPort === undefined || hostPort === containerPort
          ? []
          : [invalidValue(at, containerPort, 'must match `hostPort` when `hostNetwork` is true')];
      }),
    );
  return [...check(containers, 'containers'), ...check(initContainers, 'initContainers')];
}

function validateDNSConfig(config: PodDNSConfig | undefined, policy: string | undefined, path: string): FieldError[] {
  const { nameservers = [], searches = [], options = [] } = config ?? {};
  const errors: FieldError[] = [];
  if (policy === 'None' && nameservers.length === 0) {
    errors.push(required(config ? `${path}.nameservers` : path, 'must provide at least one DNS nameserver when `dnsPolicy` is None'));
  }
  if (nameservers.length > 3) errors.push(invalidValue(`${path}.nameservers`, nameservers, 'must not have more than 3 nameservers'));
  nameservers.forEach((address, index) => errors.push(...validateIP(`${path}.nameservers[${index}]`, address)));
  if (searches.length > 32) errors.push(invalidValue(`${path}.searches`, searches, 'must not have more than 32 search paths'));
  searches.forEach((search, index) => {
    if (search === '.') return;
    errors.push(...broken(`${path}.searches[${index}]`, search, isDNS1123Subdomain(search.replace(/\.$/, '').replaceAll('_', '-'))));
  });
  options.forEach(({ name }, index) => {
    if (!name) errors.push(required(`${path}.options[${index}]`, 'must not be empty'));
  });
  return errors;
}

function validateGates({ readinessGates = [], schedulingGates = [] }: PodSpec, path: string): FieldError[] {
  const errors = readinessGates.flatMap(({ conditionType }, index) =>
    broken(`${path}.readinessGates[${index}].conditionType`, conditionType, isQualifiedName(conditionType)),
  );
  const seen = new Set<string>();
  schedulingGates.forEach(({ name }, index) => {
    errors.push(...broken(`${path}.schedulingGates[${index}]`, name, isQualifiedName(name)));
    if (seen.has(name)) errors.push(duplicate(`${path}.schedulingGates[${index}]`, name));
    seen.add(name);
  });
  return errors;
}

function validateNames(spec: PodSpec, path: string): FieldError[] {
  const { serviceAccountName, activeDeadlineSeconds, hostname, subdomain, priorityClassName, runtimeClassName } = spec;
  const errors: FieldError[] = serviceAccountName ? requiredSubdomain(`${path}.serviceAccountName`, serviceAccountName) : [];
  errors.push(...nodeName(spec, path));
  if (activeDeadlineSeconds !== undefined && (activeDeadlineSeconds < 1 || activeDeadlineSeconds > MAX_INT32)) {
    errors.push(invalidValue(`${path}.activeDeadlineSeconds`, activeDeadlineSeconds, rangeMessage(1, MAX_INT32)));
  }
  if (hostname) errors.push(...broken(`${path}.hostname`, hostname, isDNS1123Label(hostname)));
  if (subdomain) errors.push(...broken(`${path}.subdomain`, subdomain, isDNS1123Label(subdomain)));
  errors.push(...validateTolerations(spec.tolerations, `${path}.tolerations`));
  spec.hostAliases?.forEach(({ ip, hostnames = [] }, index) => {
    errors.push(...validateIP(`${path}.hostAliases[${index}].ip`, ip));
    for (const name of hostnames) errors.push(...broken(`${path}.hostAliases[${index}].hostnames`, name, isDNS1123Subdomain(name)));
  });
  if (priorityClassName) errors.push(...requiredSubdomain(`${path}.priorityClassName`, priorityClassName));
  if (runtimeClassName) errors.push(...requiredSubdomain(`${path}.runtimeClassName`, runtimeClassName));
  return [...errors, ...oneOf(`${path}.preemptionPolicy`, spec.preemptionPolicy, ['PreemptLowerPriority', 'Never'])];
}

/** What is wrong with a template (`ValidatePodTemplateSpec`). */
export function validatePodTemplate(template: PodTemplateSpec | undefined, path: string): FieldError[] {
  const metadata = template?.metadata;
  const errors = [
    ...validateLabels(metadata?.labels, `${path}.labels`),
    ...validateAnnotations(metadata?.annotations, `${path}.annotations`),
    ...validatePodSpec(template?.spec ?? { containers: [] }, `${path}.spec`),
  ];
  if (template?.spec?.ephemeralContainers?.length)
    errors.push(forbiddenField(`${path}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template'));
  return errors;
}
