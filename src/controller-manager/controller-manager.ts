/**
 * kube-controller-manager (`cmd/kube-controller-manager/app/controllermanager.go`): starts all controllers over shared
 * informers. Each has a scope of its own, so that one can be stopped alone, and its own service account.
 */
import { ServiceAccountResource } from '../api/core/service-account.ts';
import { ALL_RESOURCES } from '../api/index.ts';
import type { Transport, UserInfo } from '../api/request.ts';
import type { ResourceDefinition } from '../api/resource.ts';
import { assert, AssertionError } from '../apimachinery/assert.ts';
import { StatusError } from '../apimachinery/status.ts';
import { Client } from '../client/client.ts';
import type { CertificateAuthority } from '../pki/authority.ts';
import { EventRecorder } from '../client/event-recorder.ts';
import { InformerFactory } from '../client/informer.ts';
import type { TaskScope } from '../sim/task-scope.ts';
import { withFirstRequest } from './certificates/with-first-request.ts';
import { startCronJobController } from './cronjob/controller.ts';
import { startDaemonSetController } from './daemonset/controller.ts';
import { startDeploymentController } from './deployment/controller.ts';
import type { ControllerDeps } from './deps.ts';
import { startDisruptionController } from './disruption/controller.ts';
import { startEndpointsController } from './endpoints/controller.ts';
import { startEndpointSliceController } from './endpointslice/controller.ts';
import { startEndpointSliceMirroringController } from './endpointslice-mirroring/controller.ts';
import { startEphemeralVolumeController } from './ephemeral-volume/controller.ts';
import { startGarbageCollector } from './garbage-collector/controller.ts';
import { startHorizontalPodAutoscalerController } from './horizontal-pod-autoscaler/controller.ts';
import type { PodMetricsSource } from './horizontal-pod-autoscaler/metrics.ts';
import { startJobController } from './job/controller.ts';
import { startNamespaceController } from './namespace/controller.ts';
import { startNodeIpamController } from './node-ipam/controller.ts';
import { startNodeLifecycleController } from './node-lifecycle/controller.ts';
import { startPodGcController } from './pod-gc/controller.ts';
import { startPersistentVolumeBinder } from './pv-binder/controller.ts';
import { startReplicaSetController, startReplicationController } from './replicaset/controller.ts';
import { startResourceQuotaController } from './resource-quota/controller.ts';
import { startRootCaPublisher, startServiceAccountController } from './service-account/controller.ts';
import { startServiceLbController } from './service-lb/controller.ts';
import { startStatefulSetController } from './statefulset/controller.ts';
import { startTaintEvictionController } from './taint-eviction/controller.ts';
import { startClusterRoleAggregationController } from './clusterrole-aggregation/controller.ts';
import { startTtlAfterFinishedController } from './ttl-after-finished/controller.ts';
import { startClaimProtection, startVolumeProtection } from './volume-protection/controller.ts';

const USER_AGENT = 'kube-controller-manager';
/** Where the controllers' service accounts are. */
const NAMESPACE = 'kube-system';

/** What differs between clusters; flags of kube-controller-manager. */
export interface ControllerManagerOptions {
  /** `--cluster-cidr` */
  clusterCidr: string;
  /** `--node-cidr-mask-size` */
  nodeMaskSize: number;
  /** `--terminated-pod-gc-threshold` */
  terminatedPodThreshold: number;
  /** `--root-ca-file`, as text; asked for when there is something to publish. */
  caBundle: () => string;
  /** `--cluster-signing-cert-file` and `--cluster-signing-key-file`. */
  authority: () => CertificateAuthority;
  /** Discovery: the kinds that are stored now, custom resources among them. */
  resources: () => readonly ResourceDefinition[];
  /** `--cloud-provider`: with one, Services of type LoadBalancer get load balancers. */
  cloudProvider: 'none' | 'simulated';
  /** The metrics server; without one no autoscaler scales. */
  metrics?: PodMetricsSource;
}

const DEFAULTS: ControllerManagerOptions = {
  resources: () => ALL_RESOURCES,
  clusterCidr: '10.244.0.0/16',
  nodeMaskSize: 24,
  cloudProvider: 'none',
  terminatedPodThreshold: 12_500,
  caBundle: () => '',
  authority: () => {
    throw new AssertionError('this cluster has no certificate authority');
  },
};

interface ControllerEntry {
  /** The service account it acts as, and the component that its events name. */
  account: string;
  source: string;
  /** Clusters that it does not run in. */
  leftOut?(options: ControllerManagerOptions): boolean;
  start(deps: ControllerDeps, options: ControllerManagerOptions): unknown;
}

/** Kinds that neither own objects nor are owned: watching them would only cost (`ignoredResources`). */
const NOT_COLLECTED = new Set(['events', 'leases']);
const isCollected = ({ group, plural }: ResourceDefinition): boolean => !NOT_COLLECTED.has(plural) && group !== 'kubarium.dev';

function certificateController(name: string, start: Parameters<typeof withFirstRequest>[0]): Record<string, ControllerEntry> {
  const source = 'certificate-controller';
  return { [`certificatesigningrequest-${name}-controller`]: { account: source, source, start: withFirstRequest(start) } };
}

/** The controllers by upstream's names, in the order in which they start. */
const CONTROLLERS: Readonly<Record<string, ControllerEntry>> = {
  'serviceaccount-controller': {
    account: 'service-account-controller',
    source: 'serviceaccount-controller',
    start: startServiceAccountController,
  },
  'root-ca-certificate-publisher-controller': {
    account: 'root-ca-cert-publisher',
    source: 'root-ca-cert-publisher',
    start: (deps, { caBundle }) => startRootCaPublisher(deps, caBundle),
  },
  'namespace-controller': {
    account: 'namespace-controller',
    source: 'namespace-controller',
    start: (deps, { resources }) => startNamespaceController(deps, resources),
  },
  'node-ipam-controller': { account: 'node-controller', source: 'cidrAllocator', start: startNodeIpamController },
  'node-lifecycle-controller': { account: 'node-controller', source: 'node-controller', start: startNodeLifecycleController },
  'taint-eviction-controller': { account: 'node-controller', source: 'taint-eviction-controller', start: startTaintEvictionController },
  'deployment-controller': { account: 'deployment-controller', source: 'deployment-controller', start: startDeploymentController },
  'replicaset-controller': { account: 'replicaset-controller', source: 'replicaset-controller', start: startReplicaSetController },
  'replicationcontroller-controller': {
    account: 'replication-controller',
    source: 'replication-controller',
    start: startReplicationController,
  },
  'statefulset-controller': { account: 'statefulset-controller', source: 'statefulset-controller', start: startStatefulSetController },
  'daemonset-controller': { account: 'daemon-set-controller', source: 'daemonset-controller', start: startDaemonSetController },
  'job-controller': { account: 'job-controller', source: 'job-controller', start: startJobController },
  'cronjob-controller': { account: 'cronjob-controller', source: 'cronjob-controller', start: startCronJobController },
  'endpoints-controller': { account: 'endpoint-controller', source: 'endpoint-controller', start: startEndpointsController },
  'endpointslice-controller': {
    account: 'endpointslice-controller',
    source: 'endpoint-slice-controller',
    start: startEndpointSliceController,
  },
  'endpointslice-mirroring-controller': {
    account: 'endpointslicemirroring-controller',
    source: 'endpoint-slice-mirroring-controller',
    start: startEndpointSliceMirroringController,
  },
  'service-lb-controller': {
    account: 'service-controller',
    source: 'service-controller',
    leftOut: ({ cloudProvider }) => cloudProvider === 'none',
    start: startServiceLbController,
  },
  'persistentvolume-binder-controller': {
    account: 'persistent-volume-binder',
    source: 'persistentvolume-controller',
    start: startPersistentVolumeBinder,
  },
  'ephemeral-volume-controller': {
    account: 'ephemeral-volume-controller',
    source: 'ephemeral_volume',
    start: startEphemeralVolumeController,
  },
  'persistentvolumeclaim-protection-controller': {
    account: 'pvc-protection-controller',
    source: 'pvc-protection-controller',
    start: startClaimProtection,
  },
  'persistentvolume-protection-controller': {
    account: 'pv-protection-controller',
    source: 'pv-protection-controller',
    start: startVolumeProtection,
  },
  'disruption-controller': { account: 'disruption-controller', source: 'controllermanager', start: startDisruptionController },
  'resourcequota-controller': {
    account: 'resourcequota-controller',
    source: 'resourcequota-controller',
    start: (deps) => startResourceQuotaController(deps, ALL_RESOURCES.filter(isCollected)),
  },
  'horizontal-pod-autoscaler-controller': {
    account: 'horizontal-pod-autoscaler',
    source: 'horizontal-pod-autoscaler',
    start: (deps, { metrics }) => startHorizontalPodAutoscalerController(deps, metrics),
  },
  'clusterrole-aggregation-controller': {
    account: 'clusterrole-aggregation-controller',
    source: 'clusterrole-aggregation-controller',
    start: startClusterRoleAggregationController,
  },
  ...certificateController('approving', 'startApproving'),
  ...certificateController('signing', 'startSigning'),
  ...certificateController('cleaner', 'startCleaning'),
  'ttl-after-finished-controller': {
    account: 'ttl-after-finished-controller',
    source: 'ttl-after-finished-controller',
    start: startTtlAfterFinishedController,
  },
  'garbage-collector-controller': {
    account: 'generic-garbage-collector',
    source: 'garbage-collector-controller',
    start: (deps, { resources }) => startGarbageCollector(deps, ALL_RESOURCES.filter(isCollected), () => resources().filter(isCollected)),
  },
  'pod-garbage-collector-controller': { account: 'pod-garbage-collector', source: 'pod-garbage-collector', start: startPodGcController },
};

/** The names of all controllers. */
export const CONTROLLER_NAMES: readonly string[] = Object.keys(CONTROLLERS);

/** A running kube-controller-manager. It lives as long as `scope`. */
export class ControllerManager {
  readonly #scope: TaskScope;
  readonly #transport: Transport;
  readonly #options: ControllerManagerOptions;
  readonly #informers: InformerFactory;
  readonly #running = new Map<string, TaskScope>();
  readonly #client: Client;

  constructor(scope: TaskScope, transport: Transport, options: Partial<ControllerManagerOptions> = {}) {
    this.#scope = scope;
    this.#transport = transport;
    this.#options = { ...DEFAULTS, ...options };
    this.#client = this.#clientOf({ name: 'system:kube-controller-manager', groups: ['system:authenticated'] });
    this.#informers = new InformerFactory(scope, this.#client);
    for (const name of CONTROLLER_NAMES) this.startController(name);
    this.#informers.start();
  }

  /** The controllers that run. */
  get running(): readonly string[] {
    return [...this.#running.keys()];
  }

  /** Starts a controller that does not run; it sees the present state as if everything were new. */
  startController(name: string): void {
    const entry = CONTROLLERS[name];
    assert(entry !== undefined, `no controller is called ${name}`);
    if (this.#running.has(name)) return;
    const scope = this.#scope.child(name);
    this.#running.set(name, scope);
    if (entry.leftOut?.(this.#options)) return;
    this.#ensureAccount(entry.account);
    const client = this.#clientOf({
      name: `system:serviceaccount:${NAMESPACE}:${entry.account}`,
      groups: ['system:serviceaccounts', `system:serviceaccounts:${NAMESPACE}`, 'system:authenticated'],
    });
    const recorder = new EventRecorder(scope, client, { component: entry.source });
    entry.start({ scope, client, informers: this.#informers, recorder }, this.#options);
  }

  /** Stops a controller: what it had planned is lost, its caches go on. */
  stopController(name: string): void {
    this.#running.get(name)?.kill();
    this.#running.delete(name);
  }

  /**
   * `--use-service-account-credentials` (`k8s.io/controller-manager/pkg/clientbuilder`): each controller has a ServiceAccount.
   * Differs: a controller goes on as the account when its object is deleted, for it needs no token.
   */
  #ensureAccount(name: string): void {
    const metadata = { name, namespace: NAMESPACE };
    try {
      if (this.#client.find(ServiceAccountResource, metadata) === undefined) this.#client.create(ServiceAccountResource, { metadata });
    } catch (error) {
      // Without the right, or in a cluster that has no kube-system.
      if (!(error instanceof StatusError)) throw error;
    }
  }

  #clientOf(user: UserInfo): Client {
    return new Client(this.#transport, user, USER_AGENT);
  }
}
