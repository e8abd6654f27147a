/**
 * What the apiserver warns about in sound pods and templates (`pkg/api/pod/warnings.go`): settings without effect, deprecated ones,
 * and names that surprise.
 */
import { ownEntry } from '../../apimachinery/own-entry.ts';
import { isDNS1123Label } from '../../apimachinery/names.ts';
import { tryParseQuantity } from '../../apimachinery/quantity.ts';
import type { Container, PodSpec, PodTemplateSpec } from '../generated/types.ts';

const NODE_LABELS: Record<string, string> = {
  'beta.kubernetes.io/arch': 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  'beta.kubernetes.io/instance-type': 'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
  'beta.kubernetes.io/os': 'deprecated since v1.14; use "kubernetes.io/os" instead',
  'failure-domain.beta.kubernetes.io/region': 'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  'failure-domain.beta.kubernetes.io/zone': 'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
};

const VOLUMES: Record<string, string> = {
  cephfs: 'deprecated in v1.28, non-functional in v1.31+',
  gitRepo: 'deprecated in v1.11, and disabled by default in v1.33+',
  glusterfs: 'deprecated in v1.25, non-functional in v1.26+',
  rbd: 'deprecated in v1.28, non-functional in v1.31+',
  scaleIO: 'deprecated in v1.16, non-functional in v1.22+',
  storageos: 'deprecated in v1.22, non-functional in v1.25+',
};

const NANO = 1_000_000_000n;
/** Frozen specs that gave no warning. */
const quiet = new WeakSet<PodSpec>();

/** The second definition of a port or variable, with the place of the first. */
function repeated<T>(
  items: readonly T[] | undefined,
  keyOf: (item: T) => string | undefined,
): { index: number; first: number; key: string }[] {
  const seen = new Map<string, number>();
  return (items ?? []).flatMap((item, index) => {
    const key = keyOf(item);
    if (key === undefined) return [];
    const first = seen.get(key);
    if (first === undefined) seen.set(key, index);
    return first === undefined ? [] : [{ index, first, key }];
  });
}

function containerWarnings({ ports, env, resources }: Container, path: string): string[] {
  const warnings = repeated(
    ports,
    ({ containerPort, protocol, hostIP = '', hostPort = 0 }) => `${protocol}/${containerPort}/${hostIP}/${hostPort}`,
  ).map(({ index, first }) => `${path}.ports[${index}]: duplicate port definition with ${path}.ports[${first}]`);
  for (const { index, key } of repeated(env, ({ name, value }) => (value?.includes(`$(${name})`) ? undefined : name))) {
    warnings.push(`${path}.env[${index}]: hides previous definition of ${JSON.stringify(key)}, which may be dropped when using apply`);
  }
  for (const list of ['limits', 'requests'] as const) {
    for (const name of ['memory', 'ephemeral-storage']) {
      const amount = resources?.[list]?.[name];
      const quantity = amount === undefined ? undefined : tryParseQuantity(amount);
      if (quantity && quantity.nano % NANO !== 0n) {
        warnings.push(`${path}.resources.${list}[${name}]: fractional byte value ${JSON.stringify(amount)} is invalid, must be an integer`);
      }
    }
  }
  return warnings;
}

function specWarnings(spec: PodSpec, path: string): string[] {
  const warnings = Object.keys(spec.nodeSelector ?? {})
    .filter((key) => ownEntry(NODE_LABELS, key) !== undefined)
    .map((key) => `${path}.nodeSelector[${key}]: ${NODE_LABELS[key]}`);
  for (const { index, key } of repeated(spec.hostAliases, ({ ip }) => ip)) {
    warnings.push(`${path}.hostAliases[${index}].ip: duplicate ip ${JSON.stringify(key)}`);
  }
  spec.volumes?.forEach((volume, index) => {
    for (const source of Object.keys(volume)) {
      if (ownEntry(VOLUMES, source) !== undefined) warnings.push(`${path}.volumes[${index}].${source}: ${VOLUMES[source]}`);
    }
  });
  for (const { index, key } of repeated(spec.imagePullSecrets, ({ name }) => name)) {
    warnings.push(`${path}.imagePullSecrets[${index}].name: duplicate name ${JSON.stringify(key)}`);
  }
  for (const list of ['initContainers', 'containers'] as const) {
    spec[list]?.forEach((container, index) => warnings.push(...containerWarnings(container, `${path}.${list}[${index}]`)));
  }
  if ((spec.terminationGracePeriodSeconds ?? 0) < 0) {
    warnings.push(`${path}.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1`);
  }
  return warnings;
}

/** Warnings about a pod spec at `path`. Specs that gave none are remembered. */
export function podSpecWarnings(spec: PodSpec | undefined, path: string): string[] {
  if (!spec || quiet.has(spec)) return [];
  const warnings = specWarnings(spec, path);
  if (warnings.length === 0 && Object.isFrozen(spec)) quiet.add(spec);
  return warnings;
}

/** A name with dots becomes part of host names, where dots mean something. `what` it is used in: "Pod names and hostnames". */
export function nameWarnings(name: string, what: string): string[] {
  const messages = isDNS1123Label(name);
  if (messages.length === 0) return [];
  return [
    `metadata.name: this is used in ${what}, which can result in surprising behavior; a DNS label is recommended: [${messages.join(' ')}]`,
  ];
}

/** Warnings about a kind that makes pods of its template and names them after itself. */
export function workloadWarnings(object: { metadata: { name: string }; spec: { template?: PodTemplateSpec } }, old?: object): string[] {
  return [
    ...(old ? [] : nameWarnings(object.metadata.name, 'Pod names and hostnames')),
    ...podSpecWarnings(object.spec.template?.spec, 'spec.template.spec'),
  ];
}
