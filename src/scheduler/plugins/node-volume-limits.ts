/**
 * NodeVolumeLimits (`plugins/nodevolumelimits/csi.go`): per CSI driver, volumes attached to the node + the pod's new ones must not
 * exceed the count that the node's CSINode allows. In-tree volumes count for the CSI driver that they have migrated to. A volume
 * that is not made yet counts once per claim.
 * Differs: VolumeAttachments are not looked at; what the node's pods use counts as attached.
 */
import { MIGRATED_PLUGINS } from '../../api/storage/csi-node.ts';
import type { CSINode, PersistentVolumeSpec, Pod, Volume } from '../../api/generated/types.ts';
import { claimName } from '../cache/pod-claims.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import { Action } from '../framework/events.ts';
import type { Handle, Plugin } from '../framework/interface.ts';
import { skip, unresolvable, unschedulable } from '../framework/status.ts';
import { classOfClaim } from '../helpers/volume-matching.ts';

const NAME = 'NodeVolumeLimits';
const SKIP = skip(NAME);
const EXCEEDED = unschedulable(NAME, 'node(s) exceed max volume count');

/** In-tree plugin → the driver that took over. */
const CSI_DRIVER: Readonly<Record<string, string>> = {
  'kubernetes.io/aws-ebs': 'ebs.csi.aws.com',
  'kubernetes.io/gce-pd': 'pd.csi.storage.gke.io',
  'kubernetes.io/azure-disk': 'disk.csi.azure.com',
  'kubernetes.io/cinder': 'cinder.csi.openstack.org',
};

/** A volume as one driver knows it. */
interface Attachment {
  readonly driver: string;
  readonly handle: string;
}

type InTreeSource = Pick<PersistentVolumeSpec & Volume, 'awsElasticBlockStore' | 'gcePersistentDisk' | 'azureDisk' | 'cinder'>;

function inTree({
  awsElasticBlockStore: ebs,
  gcePersistentDisk: gce,
  azureDisk,
  cinder,
}: InTreeSource): [plugin: string, handle: string] | undefined {
  if (ebs) return ['kubernetes.io/aws-ebs', ebs.volumeID];
  if (gce) return ['kubernetes.io/gce-pd', gce.pdName];
  if (azureDisk) return ['kubernetes.io/azure-disk', azureDisk.diskURI];
  return cinder ? ['kubernetes.io/cinder', cinder.volumeID] : undefined;
}

function migrated(node: CSINode | undefined, plugin: string, handle: string): Attachment | undefined {
  const driver = CSI_DRIVER[plugin];
  const plugins = node?.metadata.annotations?.[MIGRATED_PLUGINS]?.split(',') ?? [];
  return driver !== undefined && plugins.includes(plugin) ? { driver, handle } : undefined;
}

const migratedSource = (node: CSINode | undefined, source: InTreeSource): Attachment | undefined => {
  const found = inTree(source);
  return found && migrated(node, ...found);
};

/** The attachment that a claim needs; undefined when no driver counts it. */
function ofClaim(
  key: string,
  node: CSINode | undefined,
  { persistentVolumeClaims, persistentVolumes, storageClasses }: Handle['informers'],
): Attachment | undefined {
  const claim = persistentVolumeClaims.get(key);
  if (claim === undefined) return undefined;
  const volume = claim.spec.volumeName ? persistentVolumes.get(claim.spec.volumeName) : undefined;
  if (volume?.spec.csi) return { driver: volume.spec.csi.driver, handle: volume.spec.csi.volumeHandle };
  if (volume !== undefined) return migratedSource(node, volume.spec as InTreeSource);
  const provisioner = storageClasses.get(classOfClaim(claim))?.provisioner;
  if (provisioner === undefined) return undefined;
  const handle = `claim ${key}`;
  return CSI_DRIVER[provisioner] === undefined ? { driver: provisioner, handle } : migrated(node, provisioner, handle);
}

function attachmentsOf(pod: Pod, node: CSINode | undefined, informers: Handle['informers']): Map<string, Attachment> {
  const found = new Map<string, Attachment>();
  for (const volume of pod.spec.volumes ?? []) {
    const name = claimName(pod, volume);
    const attachment =
      name === undefined
        ? migratedSource(node, volume as InTreeSource)
        : ofClaim(`${pod.metadata.namespace ?? ''}/${name}`, node, informers);
    if (attachment !== undefined) found.set(`${attachment.driver}/${attachment.handle}`, attachment);
  }
  return found;
}

function countByDriver(attachments: Iterable<Attachment>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { driver } of attachments) counts.set(driver, (counts.get(driver) ?? 0) + 1);
  return counts;
}

function attachedTo(node: NodeInfo, csiNode: CSINode | undefined, informers: Handle['informers']): Map<string, Attachment> {
  const attached = new Map<string, Attachment>();
  for (const { pod } of node.pods.values())
    for (const [key, attachment] of attachmentsOf(pod, csiNode, informers)) attached.set(key, attachment);
  return attached;
}

/** Makes the NodeVolumeLimits plugin. */
export const nodeVolumeLimits = (_args: unknown, { informers }: Handle): Plugin => ({
  name: NAME,
  events: [
    { event: { resource: 'CSINode', action: Action.Add | Action.Update } },
    { event: { resource: 'AssignedPod', action: Action.Delete } },
    { event: { resource: 'PersistentVolumeClaim', action: Action.Add } },
  ],
  preFilter(_state, { pod }) {
    const counted = (pod.spec.volumes ?? []).some(
      (volume) => claimName(pod, volume) !== undefined || inTree(volume as InTreeSource) !== undefined,
    );
    return counted ? undefined : SKIP;
  },
  filter(_state, { pod }, node) {
    for (const volume of pod.spec.volumes ?? []) {
      const name = claimName(pod, volume);
      if (name !== undefined && informers.persistentVolumeClaims.get(`${pod.metadata.namespace ?? ''}/${name}`) === undefined) {
        return unresolvable(NAME, `persistentvolumeclaim "${name}" not found`);
      }
    }
    const csiNode = informers.csiNodes.get(node.name);
    const drivers = csiNode?.spec.drivers ?? [];
    if (drivers.length === 0) return undefined;
    const limits = new Map(drivers.map(({ name, allocatable }) => [name, allocatable?.count]));
    const wanted = attachmentsOf(pod, csiNode, informers);
    if (wanted.size === 0) return undefined;
    const attached = attachedTo(node, csiNode, informers);
    const before = countByDriver(attached.values());
    for (const key of attached.keys()) wanted.delete(key);
    for (const [driver, count] of countByDriver(wanted.values())) {
      const limit = limits.get(driver);
      if (limit !== undefined && (before.get(driver) ?? 0) + count > limit) return EXCEEDED;
    }
    return undefined;
  },
});
