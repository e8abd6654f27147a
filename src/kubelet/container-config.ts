/** What the runtime is told about a container (`pkg/kubelet/kuberuntime/kuberuntime_container.go`, `generateContainerConfig`). */
import { milliValue, value } from '../apimachinery/quantity.ts';
import { expand } from '../apimachinery/expansion.ts';
import type { Container, ContainerPort, Pod, VolumeMount } from '../api/generated/types.ts';
import type { ContainerConfig, Mount, VolumeTree } from '../container-runtime/cri.ts';
import { unresolvable } from './downward.ts';
import { containerEnvironment } from './env.ts';
import type { EnvContext } from './env.ts';
import type { PodVolumes } from './volumes/volume-manager.ts';

/** Trees whose files are swapped when their source changes; a subPath mount keeps what was there when it was made. */
const SWAPPED = new Set(['configMap', 'secret', 'projected', 'downwardAPI']);

type Ports = ContainerConfig['ports'];
const ports = new WeakMap<readonly ContainerPort[], Ports>();
const NO_PORTS: Ports = Object.freeze([]);
const NO_TEXTS: readonly string[] = Object.freeze([]);

function portsOf(list: readonly ContainerPort[] | undefined): Ports {
  if (!list?.length) return NO_PORTS;
  let known = ports.get(list);
  if (known === undefined) {
    known = list.map(({ name = '', containerPort, protocol = 'TCP' }) => ({ name, containerPort, protocol }));
    ports.set(list, known);
  }
  return known;
}

function mountOf(mount: VolumeMount, tree: VolumeTree, valueOf: (name: string) => string | undefined): Mount {
  const subPath = mount.subPathExpr ? expand(mount.subPathExpr, valueOf) : mount.subPath;
  const volume = subPath && SWAPPED.has(tree.kind) ? { kind: tree.kind, files: new Map(tree.files) } : tree;
  return { containerPath: mount.mountPath, readOnly: mount.readOnly ?? SWAPPED.has(tree.kind), volume, ...(subPath && { subPath }) };
}

function resourcesOf(list: Readonly<Record<string, string>> | undefined): { milliCpu: number; memoryBytes: number } {
  return { milliCpu: milliValue(list?.['cpu'] ?? '0'), memoryBytes: value(list?.['memory'] ?? '0') };
}

const resources = new WeakMap<object, Pick<ContainerConfig, 'limits' | 'requests'>>();
const NO_RESOURCES: Pick<ContainerConfig, 'limits' | 'requests'> = Object.freeze({
  limits: resourcesOf(undefined),
  requests: resourcesOf(undefined),
});

function limitsAndRequests(container: Container): Pick<ContainerConfig, 'limits' | 'requests'> {
  if (container.resources === undefined) return NO_RESOURCES;
  let known = resources.get(container.resources);
  if (known === undefined) {
    known = { limits: resourcesOf(container.resources.limits), requests: resourcesOf(container.resources.requests) };
    resources.set(container.resources, known);
  }
  return known;
}

/** Upstream's `verifyRunAsNonRoot`, as far as the spec tells: a user of 0 where root is not allowed. */
function verifyUser(container: Container, pod: Pod): void {
  const nonRoot = container.securityContext?.runAsNonRoot ?? pod.spec.securityContext?.runAsNonRoot;
  const user = container.securityContext?.runAsUser ?? pod.spec.securityContext?.runAsUser;
  if (nonRoot !== true || user !== 0) return;
  const who = `pod: "${pod.metadata.name}_${pod.metadata.namespace ?? ''}(${pod.metadata.uid})", container: ${container.name}`;
  throw unresolvable(`container's runAsUser breaks non-root policy (${who})`);
}

/**
 * The configuration of the container's next start. `etc`: mounts of the pod's own files in /etc, which a volume mount at
 * the same path replaces. Throws a StatusError with the text of CreateContainerConfigError.
 */
export function containerConfig(
  container: Container,
  attempt: number,
  volumes: PodVolumes,
  etc: readonly Mount[],
  context: EnvContext,
): ContainerConfig {
  verifyUser(container, context.pod);
  const env = containerEnvironment(container, context);
  const expanding = [...(container.command ?? []), ...(container.args ?? [])].some((text) => text.includes('$'));
  const byName =
    expanding || container.volumeMounts?.some(({ subPathExpr }) => subPathExpr)
      ? new Map(env.map((entry) => [entry.name, entry.value]))
      : undefined;
  const valueOf = (name: string) => byName?.get(name);
  const own = (container.volumeMounts ?? []).flatMap((mount) => {
    const tree = volumes.get(mount.name);
    return tree ? [mountOf(mount, tree, valueOf)] : [];
  });
  const mounts =
    own.length === 0 ? etc : own.concat(etc.filter(({ containerPath }) => !own.some((mount) => mount.containerPath === containerPath)));
  const expandAll = (texts: readonly string[] | undefined) =>
    expanding ? (texts ?? NO_TEXTS).map((text) => expand(text, valueOf)) : (texts ?? NO_TEXTS);
  return {
    name: container.name,
    image: container.image ?? '',
    command: expandAll(container.command),
    args: expandAll(container.args),
    workingDir: container.workingDir ?? '',
    env,
    mounts,
    ports: portsOf(container.ports),
    ...limitsAndRequests(container),
    attempt,
    terminationMessagePath: container.terminationMessagePath ?? '/dev/termination-log',
    tty: container.tty ?? false,
    stdin: container.stdin ?? false,
  };
}
