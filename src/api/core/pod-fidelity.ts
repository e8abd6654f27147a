/** Fields of pod specs that are stored with no effect. Pods and everything with a pod template share the list. */

/** Volume sources without a simulated store behind them. */
const VOLUME_SOURCES = [
  'awsElasticBlockStore',
  'azureDisk',
  'azureFile',
  'cephfs',
  'cinder',
  'csi',
  'fc',
  'flexVolume',
  'flocker',
  'gcePersistentDisk',
  'gitRepo',
  'glusterfs',
  'image',
  'iscsi',
  'photonPersistentDisk',
  'portworxVolume',
  'quobyte',
  'rbd',
  'scaleIO',
  'storageos',
  'vsphereVolume',
];

const CONTAINER_FIELDS = [
  'resizePolicy',
  'resources.claims',
  'securityContext',
  'stdin',
  'stdinOnce',
  'tty',
  'volumeDevices',
  'volumeMounts[*].mountPropagation',
  'volumeMounts[*].recursiveReadOnly',
];

const SPEC_FIELDS = [
  'ephemeralContainers',
  'hostIPC',
  'hostPID',
  'hostUsers',
  'os',
  'overhead',
  'resourceClaims',
  'resources',
  'runtimeClassName',
  'securityContext',
  'setHostnameAsFQDN',
  'shareProcessNamespace',
];

/** The list for a pod spec at `path`: "spec" or "spec.template.spec". */
export function podSpecNotSimulated(path: string): readonly string[] {
  return [
    ...SPEC_FIELDS.map((field) => `${path}.${field}`),
    ...['containers', 'initContainers'].flatMap((list) => CONTAINER_FIELDS.map((field) => `${path}.${list}[*].${field}`)),
    ...VOLUME_SOURCES.map((source) => `${path}.volumes[*].${source}`),
  ];
}

/** The list for Pods. */
export const POD_NOT_SIMULATED = podSpecNotSimulated('spec');
/** The list for kinds with a template at spec.template. */
export const TEMPLATE_NOT_SIMULATED = podSpecNotSimulated('spec.template.spec');
