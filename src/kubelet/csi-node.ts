/**
 * The node's CSINode object (`pkg/volume/csi/nodeinfomanager/nodeinfomanager.go`): made once the node is registered, with
 * the in-tree plugins that have moved to CSI drivers. No driver ever registers here, so its list stays as it is.
 */
import { CSINodeResource, MIGRATED_PLUGINS } from '../api/storage/csi-node.ts';
import type { CSINode, Node } from '../api/generated/types.ts';
import type { Client } from '../client/client.ts';

/** In-tree plugins that 1.33 hands to CSI drivers. */
const MIGRATED = ['aws-ebs', 'azure-disk', 'azure-file', 'cinder', 'gce-pd', 'portworx-volume', 'vsphere-volume'];
const MIGRATED_TEXT = MIGRATED.map((name) => `kubernetes.io/${name}`).join();

/** Makes the CSINode of a registered node, or brings its annotation up to date. Throws `StatusError`. */
export function initializeCSINode(client: Client, { metadata: { name, uid } }: Node): void {
  const known = client.find(CSINodeResource, { name });
  if (known === undefined) {
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name, uid }];
    client.create<CSINode>(CSINodeResource, {
      metadata: { name, annotations: { [MIGRATED_PLUGINS]: MIGRATED_TEXT }, ownerReferences },
      spec: { drivers: [] },
    });
    return;
  }
  if (known.metadata.annotations?.[MIGRATED_PLUGINS] === MIGRATED_TEXT) return;
  const annotations = { ...known.metadata.annotations, [MIGRATED_PLUGINS]: MIGRATED_TEXT };
  client.update(CSINodeResource, { ...known, metadata: { ...known.metadata, annotations } });
}
