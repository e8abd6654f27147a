/** What kubeadm is told: the release and the pods' network. */

/** Image tags of the release modelled. */
export const RELEASE = 'v1.33.1';

/** Pods get their addresses from this range, a /24 for each node. */
export const CLUSTER_CIDR = '10.244.0.0/16';
