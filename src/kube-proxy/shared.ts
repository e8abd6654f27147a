/** What the kube-proxies of all nodes of one cluster have in common: Services and endpoints, their rules, and the configuration. */
// Differs: kube-proxy follows its ConfigMap by itself and goes on; upstream sees the mounted file change, exits, and is started again by the kubelet.
import { ConfigMapResource } from '../api/core/config-map.ts';
import type { ConfigMap } from '../api/generated/types.ts';
import type { Client } from '../client/client.ts';
import { InformerFactory } from '../client/informer.ts';
import type { TaskScope } from '../sim/task-scope.ts';
import { DEFAULT_PROXY_CONFIG, parseProxyConfig, type ProxyConfig } from './config.ts';
import { SharedServiceRules } from './iptables/shared-rules.ts';
import type { NftServiceRules, NftSettings } from './nftables/service-rules.ts';
import { ServiceModel } from './service-model.ts';
import { type MakeView, SharedViews } from './shared-views.ts';

/** Where kubeadm keeps the configuration. */
const CONFIG_MAP = { namespace: 'kube-system', name: 'kube-proxy', key: 'config.conf' };

/** Make one for each cluster, `start` it, and give it to every `KubeProxy`. */
export class KubeProxyShared {
  readonly model = new ServiceModel();
  /** Rules of mode iptables. */
  readonly iptables = new SharedServiceRules();
  #nftables: SharedViews<NftSettings, NftServiceRules> | undefined;
  #config: ProxyConfig = DEFAULT_PROXY_CONFIG;
  #configError: string | undefined;
  #synced: () => boolean = () => true;
  readonly #configListeners = new Set<() => void>();

  /** Follows Services, EndpointSlices and Nodes, and with `configClient` the ConfigMap kube-system/kube-proxy. */
  start(scope: TaskScope, client: Client, configClient = client): void {
    const informers = new InformerFactory(scope, configClient);
    const read = ({ metadata, data }: ConfigMap) => {
      if (metadata.name === CONFIG_MAP.name) this.#read(data?.[CONFIG_MAP.key] ?? '');
    };
    informers
      .informer(ConfigMapResource, { namespace: CONFIG_MAP.namespace, fieldSelector: `metadata.name=${CONFIG_MAP.name}` })
      .addHandler({ add: read, update: read });
    informers.start();
    this.model.attach(scope, client);
    this.#synced = () => informers.hasSynced && this.model.hasSynced;
  }

  /** False until everything has been listed once. */
  get hasSynced(): boolean {
    return this.#synced();
  }

  get config(): ProxyConfig {
    return this.#config;
  }

  /** Why the newest configuration is not in force; undefined when it is. */
  get configError(): string | undefined {
    return this.#configError;
  }

  /** Rules of mode nftables, made by `make`, which is loaded with the mode. */
  nftables(make: MakeView<NftSettings, NftServiceRules>): SharedViews<NftSettings, NftServiceRules> {
    return (this.#nftables ??= new SharedViews(make));
  }

  /** Sets the configuration without an apiserver. */
  configure(config: ProxyConfig): void {
    if (JSON.stringify(config) === JSON.stringify(this.#config)) return;
    this.#config = config;
    for (const tell of this.#configListeners) tell();
  }

  /** Tells of every change of the configuration, until the answer is called. */
  onConfig(tell: () => void): () => void {
    this.#configListeners.add(tell);
    return () => this.#configListeners.delete(tell);
  }

  #read(text: string): void {
    try {
      this.#configError = undefined;
      this.configure(parseProxyConfig(text));
    } catch (error) {
      this.#configError = error instanceof Error ? error.message : 'unreadable';
    }
  }
}
