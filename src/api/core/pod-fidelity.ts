/** Fields of pod specs that are stored with no effect. Pods and everything with a pod template share the list. */

/** Volume sources that never mount here. Cloud disks and CSI volumes wait for a driver, as in a cluster without one. */
export const UNMOUNTABLE_SOURCES = [
  'azureFile',
  'cephfs',
  'fc',
  'flexVolume',
  'flocker',
  'gitRepo',
  'glusterfs',
  'image',
  'iscsi',
  'photonPersistentDisk',
  'quobyte',
  'rbd',
  'scaleIO',
  'storageos',
];

/** Of the security settings, only who the process runs as has an effect. */
const SECURITY_FIELDS = ['appArmorProfile', 'runAsGroup', 'seLinuxOptions', 'seccompProfile', 'windowsOptions'];
const POD_SECURITY_FIELDS = [
  'fsGroup',
  'fsGroupChangePolicy',
  'seLinuxChangePolicy',
  'supplementalGroups',
  'supplementalGroupsPolicy',
  'sysctls',
];
const CONTAINER_SECURITY_FIELDS = ['allowPrivilegeEscalation', 'capabilities', 'privileged', 'procMount', 'readOnlyRootFilesystem'];

const CONTAINER_FIELDS = [
  'resizePolicy',
  'resources.claims',
  ...[...SECURITY_FIELDS, ...CONTAINER_SECURITY_FIELDS].map((field) => `securityContext.${field}`),
  'stdinOnce',
  'volumeDevices',
  'volumeMounts[*].mountPropagation',
  'volumeMounts[*].recursiveReadOnly',
];

const SPEC_FIELDS = [
  'hostIPC',
  'hostPID',
  'hostUsers',
  'os',
  'resourceClaims',
  'resources',
  'runtimeClassName',
  ...[...SECURITY_FIELDS, ...POD_SECURITY_FIELDS].map((field) => `securityContext.${field}`),
  'setHostnameAsFQDN',
  'shareProcessNamespace',
];

/** Of the volumes that do mount. */
const VOLUME_FIELDS = ['emptyDir.medium', 'emptyDir.sizeLimit', 'projected.sources[*].clusterTrustBundle'];

/** The list for a pod spec at `path`: "spec" or "spec.template.spec". */
export function podSpecNotSimulated(path: string): readonly string[] {
  return [
    ...SPEC_FIELDS.map((field) => `${path}.${field}`),
    ...['containers', 'initContainers'].flatMap((list) => CONTAINER_FIELDS.map((field) => `${path}.${list}[*].${field}`)),
    ...VOLUME_FIELDS.map((field) => `${path}.volumes[*].${field}`),
    ...UNMOUNTABLE_SOURCES.map((source) => `${path}.volumes[*].${source}`),
  ];
}

/** The list for Pods; only they have ephemeral containers. */
export const POD_NOT_SIMULATED = [
  ...podSpecNotSimulated('spec'),
  ...[...CONTAINER_FIELDS, 'targetContainerName'].map((field) => `spec.ephemeralContainers[*].${field}`),
];
/** The list for kinds with a template at spec.template. */
export const TEMPLATE_NOT_SIMULATED = podSpecNotSimulated('spec.template.spec');
