/** Namespaces that belong to the cluster itself: they stay in the background while somebody looks at their own things. */

const SYSTEM: ReadonlySet<string> = new Set(['kube-system', 'kube-flannel', 'kube-public', 'kube-node-lease', 'local-path-storage']);

/** Whether the cluster's own components live there. */
export const isSystemNamespace = (namespace: string | undefined): boolean => namespace !== undefined && SYSTEM.has(namespace);

/** Whether an object belongs in a picture of `namespace`; without one, of all but the cluster's own. */
export const isInView = ({ metadata }: { metadata: { namespace?: string } }, namespace: string | undefined): boolean =>
  namespace === undefined ? !isSystemNamespace(metadata.namespace) : metadata.namespace === namespace;
