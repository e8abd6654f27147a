/**
 * The Pod Security Standards as checks of a pod's spec (`k8s.io/pod-security-admission/policy/check_*.go`), newest version.
 * Left out: AppArmor annotations and the Windows exceptions.
 */
import type { Container, PodSpec, SELinuxOptions, Volume } from '../../api/generated/types.ts';

/** What a check found: "privileged", and why. */
export interface Violation {
  reason: string;
  detail: string;
}

type Check = (spec: PodSpec, containers: readonly Container[]) => Violation | undefined;

const quoted = (names: readonly string[]): string => names.map((name) => JSON.stringify(name)).join(', ');
const plural = (word: string, names: readonly unknown[]): string => (names.length === 1 ? word : `${word}s`);
const those = (names: readonly string[]): string => `${plural('container', names)} ${quoted(names)}`;
const namesOf = (containers: readonly Container[], test: (container: Container) => boolean): string[] =>
  containers.filter(test).map(({ name }) => name);

const BASELINE_CAPABILITIES = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);
const SELINUX_TYPES = new Set(['', 'container_t', 'container_init_t', 'container_kvm_t', 'container_engine_t']);
const SAFE_SYSCTLS = new Set([
  'kernel.shm_rmid_forced',
  'net.ipv4.ip_local_port_range',
  'net.ipv4.tcp_syncookies',
  'net.ipv4.ping_group_range',
  'net.ipv4.ip_unprivileged_port_start',
  'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl',
  'net.ipv4.tcp_keepalive_probes',
]);
const RESTRICTED_VOLUMES = ['configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected', 'secret'];

function foreignCapabilities(containers: readonly Container[], allowed: ReadonlySet<string>): string | undefined {
  const added = (container: Container) => (container.securityContext?.capabilities?.add ?? []).filter((name) => !allowed.has(name));
  const names = namesOf(containers, (container) => added(container).length > 0);
  if (names.length === 0) return undefined;
  return `${those(names)} must not include ${quoted([...new Set(containers.flatMap(added))].sort())} in securityContext.capabilities.add`;
}

const capabilitiesBaseline: Check = (_spec, containers) => {
  const detail = foreignCapabilities(containers, BASELINE_CAPABILITIES);
  return detail === undefined ? undefined : { reason: 'non-default capabilities', detail };
};

const hostNamespaces: Check = (spec) => {
  const shared = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field] === true);
  return shared.length === 0 ? undefined : { reason: 'host namespaces', detail: shared.map((field) => `${field}=true`).join(', ') };
};

const hostPathVolumes: Check = ({ volumes = [] }) => {
  const names = volumes.filter(({ hostPath }) => hostPath).map(({ name }) => name);
  return names.length === 0 ? undefined : { reason: 'hostPath volumes', detail: `${plural('volume', names)} ${quoted(names)}` };
};

const hostPorts: Check = (_spec, containers) => {
  const ports = (container: Container) => (container.ports ?? []).flatMap(({ hostPort }) => (hostPort ? [String(hostPort)] : []));
  const names = namesOf(containers, (container) => ports(container).length > 0);
  const used = [...new Set(containers.flatMap(ports))].sort();
  return names.length === 0
    ? undefined
    : {
        reason: 'hostPort',
        detail: `${those(names)} ${names.length === 1 ? 'uses' : 'use'} ${plural('hostPort', used)} ${used.join(', ')}`,
      };
};

const privileged: Check = (_spec, containers) => {
  const names = namesOf(containers, ({ securityContext }) => securityContext?.privileged === true);
  return names.length === 0 ? undefined : { reason: 'privileged', detail: `${those(names)} must not set securityContext.privileged=true` };
};

const procMount: Check = (_spec, containers) => {
  const strange = (container: Container) =>
    container.securityContext?.procMount !== undefined && container.securityContext.procMount !== 'Default';
  const names = namesOf(containers, strange);
  const values = [...new Set(containers.filter(strange).map(({ securityContext }) => securityContext?.procMount ?? ''))];
  return names.length === 0
    ? undefined
    : { reason: 'procMount', detail: `${those(names)} must not set securityContext.procMount to ${quoted(values)}` };
};

const seLinuxOptions: Check = ({ securityContext }, containers) => {
  const bad = (options: SELinuxOptions | undefined) =>
    options !== undefined && (!SELINUX_TYPES.has(options.type ?? '') || Boolean(options.user) || Boolean(options.role));
  const names = namesOf(containers, (container) => bad(container.securityContext?.seLinuxOptions));
  const setters = [...(bad(securityContext?.seLinuxOptions) ? ['pod'] : []), ...(names.length > 0 ? [those(names)] : [])];
  if (setters.length === 0) return undefined;
  const all = [securityContext?.seLinuxOptions, ...containers.map((container) => container.securityContext?.seLinuxOptions)];
  const types = [...new Set(all.flatMap((options) => (SELINUX_TYPES.has(options?.type ?? '') ? [] : [options?.type ?? ''])))].sort();
  const faults = [
    ...(types.length > 0 ? [`${plural('type', types)} ${quoted(types)}`] : []),
    ...(all.some((options) => options?.user) ? ['user may not be set'] : []),
    ...(all.some((options) => options?.role) ? ['role may not be set'] : []),
  ];
  return {
    reason: 'seLinuxOptions',
    detail: `${setters.join(' and ')} set forbidden securityContext.seLinuxOptions: ${faults.join('; ')}`,
  };
};

/** Profiles that are set to something that `allows` refuses. */
function wrongSeccomp(
  { securityContext }: PodSpec,
  containers: readonly Container[],
  allows: (type: string) => boolean,
): Violation | undefined {
  const wrong = (type: string | undefined): type is string => type !== undefined && !allows(type);
  const own = securityContext?.seccompProfile?.type;
  const names = namesOf(containers, (container) => wrong(container.securityContext?.seccompProfile?.type));
  const setters = [...(wrong(own) ? ['pod'] : []), ...(names.length > 0 ? [those(names)] : [])];
  if (setters.length === 0) return undefined;
  const values = [own, ...containers.map((container) => container.securityContext?.seccompProfile?.type)].filter(wrong);
  return {
    reason: 'seccompProfile',
    detail: `${setters.join(' and ')} must not set securityContext.seccompProfile.type to ${quoted([...new Set(values)].sort())}`,
  };
}

const seccompBaseline: Check = (spec, containers) => wrongSeccomp(spec, containers, (type) => type !== 'Unconfined');

const sysctls: Check = ({ securityContext }) => {
  const names = (securityContext?.sysctls ?? []).map(({ name }) => name).filter((name) => !SAFE_SYSCTLS.has(name));
  return names.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: names.join(', ') };
};

const allowPrivilegeEscalation: Check = (_spec, containers) => {
  const names = namesOf(containers, ({ securityContext }) => securityContext?.allowPrivilegeEscalation !== false);
  return names.length === 0
    ? undefined
    : { reason: 'allowPrivilegeEscalation != false', detail: `${those(names)} must set securityContext.allowPrivilegeEscalation=false` };
};

const capabilitiesRestricted: Check = (_spec, containers) => {
  const names = namesOf(containers, ({ securityContext }) => !securityContext?.capabilities?.drop?.includes('ALL'));
  const foreign = foreignCapabilities(containers, new Set(['NET_BIND_SERVICE']));
  const details = [
    ...(names.length > 0 ? [`${those(names)} must set securityContext.capabilities.drop=["ALL"]`] : []),
    ...(foreign === undefined ? [] : [foreign]),
  ];
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
};

const restrictedVolumes: Check = ({ volumes = [] }) => {
  const kindOf = ({ name: _name, ...source }: Volume): string => Object.keys(source)[0] ?? 'unknown';
  const wrong = volumes.filter((volume) => !RESTRICTED_VOLUMES.includes(kindOf(volume)));
  if (wrong.length === 0) return undefined;
  const kinds = [...new Set(wrong.map(kindOf))].sort();
  const names = wrong.map(({ name }) => name);
  return {
    reason: 'restricted volume types',
    detail: `${plural('volume', names)} ${quoted(names)} ${names.length === 1 ? 'uses' : 'use'} restricted volume ${plural('type', kinds)} ${quoted(kinds)}`,
  };
};

const runAsNonRoot: Check = ({ securityContext }, containers) => {
  const explicit = namesOf(containers, (container) => container.securityContext?.runAsNonRoot === false);
  const setters = [...(securityContext?.runAsNonRoot === false ? ['pod'] : []), ...(explicit.length > 0 ? [those(explicit)] : [])];
  if (setters.length > 0)
    return { reason: 'runAsNonRoot != true', detail: `${setters.join(' and ')} must not set securityContext.runAsNonRoot=false` };
  if (securityContext?.runAsNonRoot === true) return undefined;
  const names = namesOf(containers, (container) => container.securityContext?.runAsNonRoot === undefined);
  return names.length === 0
    ? undefined
    : { reason: 'runAsNonRoot != true', detail: `pod or ${those(names)} must set securityContext.runAsNonRoot=true` };
};

const runAsUser: Check = ({ securityContext }, containers) => {
  const names = namesOf(containers, (container) => container.securityContext?.runAsUser === 0);
  const setters = [...(securityContext?.runAsUser === 0 ? ['pod'] : []), ...(names.length > 0 ? [those(names)] : [])];
  return setters.length === 0 ? undefined : { reason: 'runAsUser=0', detail: `${setters.join(' and ')} must not set runAsUser=0` };
};

const seccompRestricted: Check = (spec, containers) => {
  const wrong = wrongSeccomp(spec, containers, (type) => type === 'RuntimeDefault' || type === 'Localhost');
  if (wrong !== undefined || spec.securityContext?.seccompProfile !== undefined) return wrong;
  const names = namesOf(containers, ({ securityContext }) => securityContext?.seccompProfile === undefined);
  if (names.length === 0) return undefined;
  return {
    reason: 'seccompProfile',
    detail: `pod or ${those(names)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  };
};

/** In the order of upstream's check ids. The restricted level takes over some baseline checks in a stricter form. */
const SHARED_BEFORE: readonly Check[] = [hostNamespaces];
const SHARED_AFTER: readonly Check[] = [hostPorts, privileged, procMount, seLinuxOptions];
const BASELINE: readonly Check[] = [capabilitiesBaseline, ...SHARED_BEFORE, hostPathVolumes, ...SHARED_AFTER, seccompBaseline, sysctls];
const RESTRICTED: readonly Check[] = [
  ...SHARED_BEFORE,
  ...SHARED_AFTER,
  sysctls,
  allowPrivilegeEscalation,
  capabilitiesRestricted,
  restrictedVolumes,
  runAsNonRoot,
  runAsUser,
  seccompRestricted,
];

/** How strict a namespace is. */
export type PodSecurityLevel = 'privileged' | 'baseline' | 'restricted';

/** All that a pod violates. */
export function podSecurityViolations(spec: PodSpec, level: PodSecurityLevel): Violation[] {
  if (level === 'privileged') return [];
  const containers = [...(spec.initContainers ?? []), ...spec.containers, ...((spec.ephemeralContainers ?? []) as Container[])];
  return (level === 'baseline' ? BASELINE : RESTRICTED).flatMap((check) => check(spec, containers) ?? []);
}
