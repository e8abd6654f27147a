/** Which network add-on a cluster has, read from its layout. */
import type { ScenarioCluster } from '../api/kubarium/scenario.ts';
import type { Backend } from '../cni/flannel/backend.ts';
import type { NetworkConfigList } from '../cni/contract.ts';

/** A network add-on and the way between nodes. */
export type NetworkPlan =
  | { readonly addon: 'none' }
  | { readonly addon: 'docker' }
  | { readonly addon: 'bridge' }
  | { readonly addon: 'flannel'; readonly backend: Backend }
  | { readonly addon: 'canal'; readonly backend: Backend }
  | { readonly addon: 'calico'; readonly backend: 'bgp' | 'ipip' | 'vxlan' };

const PLANS: Readonly<Record<NonNullable<ScenarioCluster['cni']>, NetworkPlan>> = {
  none: { addon: 'none' },
  docker: { addon: 'docker' },
  bridge: { addon: 'bridge' },
  flannel: { addon: 'flannel', backend: 'vxlan' },
  'flannel-vxlan': { addon: 'flannel', backend: 'vxlan' },
  'flannel-vxlan-direct': { addon: 'flannel', backend: 'vxlan-direct' },
  'flannel-host-gw': { addon: 'flannel', backend: 'host-gw' },
  'flannel-udp': { addon: 'flannel', backend: 'udp' },
  canal: { addon: 'canal', backend: 'vxlan' },
  calico: { addon: 'calico', backend: 'bgp' },
  'calico-ipip': { addon: 'calico', backend: 'ipip' },
  'calico-vxlan': { addon: 'calico', backend: 'vxlan' },
};

/** The add-on of a layout; flannel with VXLAN unless it says otherwise. */
export const networkPlanOf = ({ cni = 'flannel-vxlan' }: ScenarioCluster): NetworkPlan => PLANS[cni];

/** Whether NetworkPolicies have an effect. */
export const enforcesPolicies = ({ addon }: NetworkPlan): boolean => addon === 'canal' || addon === 'calico';

/** Whether machines have all of it when they boot, or nobody sets it up: Docker's own network, and none. */
export const needsNoAgent = (plan: NetworkPlan): plan is NetworkPlan & { readonly addon: 'none' | 'docker' } =>
  plan.addon === 'none' || plan.addon === 'docker';

/** /etc/cni/net.d/10-canal.conflist and 10-calico.conflist. */
export const calicoConfig = (addon: 'canal' | 'calico'): NetworkConfigList => ({
  cniVersion: '0.3.1',
  name: 'k8s-pod-network',
  plugins: [
    { type: 'calico', ipam: addon === 'canal' ? { type: 'host-local', subnet: 'usePodCidr' } : { type: 'calico-ipam' } },
    { type: 'portmap' },
  ],
});

/** /etc/cni/net.d/10-bridge.conflist */
export const bridgeConfig = (podCidr: string): NetworkConfigList => ({
  cniVersion: '0.3.1',
  name: 'bridge',
  plugins: [
    { type: 'bridge', bridge: 'cni0', isDefaultGateway: true, hairpinMode: true, ipam: { type: 'host-local', subnet: podCidr } },
    { type: 'portmap' },
  ],
});
