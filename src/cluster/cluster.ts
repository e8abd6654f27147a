/**
 * A whole cluster: one simulation, one etcd, one apiserver, the control plane's processes, and the nodes. This is the
 * only place that knows all parts; they meet nowhere else but through the API.
 */
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { assert } from '../apimachinery/assert.ts';
import { NodeResource } from '../api/core/node.ts';
import { isCondition } from '../apimachinery/conditions.ts';
import { FaultResource } from '../api/kubarium/fault.ts';
import { SchedulerPluginResource } from '../api/kubarium/scheduler-plugin.ts';
import type { SchedulerPlugin } from '../api/kubarium/scheduler-plugin.ts';
import type { UserInfo } from '../api/request.ts';
import type { ScenarioCluster } from '../api/kubarium/scenario.ts';
import { reconcileApiServices } from '../apiserver/api-services.ts';
import type { WebhookCaller } from '../apiserver/policy/webhook-caller.ts';
import type { ApiServer } from '../apiserver/server.ts';
import { Client } from '../client/client.ts';
import { InformerFactory } from '../client/informer.ts';
import { Catalogue } from '../container-runtime/images/catalogue.ts';

import type { VolumeTree } from '../container-runtime/cri.ts';
import type { UserSchedulers } from '../scheduler/user-schedulers.ts';
import { Etcd } from '../etcd/etcd.ts';
import { Fabric } from '../linux/net/fabric.ts';
import { parseCidr } from '../linux/net/ipv4.ts';
import type { Applied } from '../scenario/apply-all.ts';
import type { UnsignedRequest } from '../scenario/apply.ts';
import { DEFAULT_START_TIME, Simulation } from '../sim/simulation.ts';
import { TaskScope } from '../sim/task-scope.ts';
import { CLUSTER_ADMIN } from './admin.ts';
import { CONTROLLER_MANAGER, serviceAccountUser } from './identities.ts';
import { newApiServer, newTokens, reconcileRoles } from './api-server.ts';
import { startTokenSecrets } from './token-secrets.ts';
import { schedulingDryRun } from './dry-run-admission.ts';
import type { SystemOptions } from './bootstrap/system-objects.ts';
import { ClockVirtualResource } from './clock-resource.ts';
import { ControlPlane } from './control-plane.ts';
import { ClusterMetrics } from './metrics.ts';
import { FaultController } from './faults/fault-controller.ts';
import { packetTraceSend } from './packet-traces/send-at-creation.ts';
import { TraceWorld } from './packet-traces/world.ts';
import { TrafficController } from './traffic/traffic-controller.ts';
import { networkPolicyWarning } from './policy-warning.ts';
import { NetworkAgents } from './network-agents.ts';
import { enforcesPolicies as enforces, networkPlanOf } from './network-plan.ts';
import { ImageSync } from './image-sync.ts';
import { seeding, userWorld } from './late-parts.ts';
import { cloudProviderOf, NODE_CIDR, planNodes } from './layout.ts';
import { labelNodes } from './node-labels.ts';
import type { KubeProxies } from './kube-proxies.ts';
import { NetworkAddons } from './network-addons.ts';
import { ClusterNode } from './node.ts';
import { ScenarioRunner } from './scenario-runner.ts';
import { checkRunning, containerOf, followLog, logSubresource, openSession } from './node-subresources.ts';
import type { ContainerTarget, LogTail } from './node-subresources.ts';
import { dial } from './pod-dial.ts';
import type { DialOutcome, PodTarget } from './pod-dial.ts';
import type { Message } from '../linux/net/socket.ts';
import type { Pod } from '../api/generated/types.ts';
import { badRequest } from '../apimachinery/status.ts';
import type { ExecSession, ExecStreams } from '../container-runtime/exec.ts';
import { PodResource } from '../api/core/pod.ts';
import { restoreStore, savedAt } from './restore.ts';
import type { SavedState } from './restore.ts';

/** The network add-on of a cluster that does not ask for one. */
const DEFAULT_CNI = 'flannel-vxlan';

/** What makes one cluster different from another. */
export interface ClusterOptions {
  seed: number | string;
  layout?: ScenarioCluster;
  /** Virtual time at the start, ms. */
  startTime?: number;
}

/** A cluster. */
export class Cluster {
  readonly layout: ScenarioCluster;
  readonly sim: Simulation;
  readonly etcd = new Etcd<KubernetesObject>();
  readonly apiServer: ApiServer;
  readonly clock: ClockVirtualResource;
  readonly nodes = new Map<string, ClusterNode>();
  readonly fabric: Fabric;
  readonly catalogue = new Catalogue();
  readonly controlPlane: ControlPlane;
  readonly #volumes = new Map<string, VolumeTree>();
  #agents: NetworkAgents | undefined;
  #addons: NetworkAddons | undefined;
  #userSchedulers: UserSchedulers | undefined;
  #traceWorld: TraceWorld | undefined;
  #restored = false;

  constructor({ seed, layout = {}, startTime = DEFAULT_START_TIME }: ClusterOptions, saved?: SavedState) {
    this.layout = layout;
    const stream = saved && `revision ${saved.journal.at(-1)?.revision ?? saved.snapshot.revision}`;
    this.sim = new Simulation({ seed, startTime: saved ? savedAt(saved) : startTime, ...(stream !== undefined && { stream }) });
    if (saved !== undefined) restoreStore(this.etcd, saved);
    this.#restored = saved !== undefined;
    this.clock = new ClockVirtualResource(this.sim);
    const cidr = parseCidr(NODE_CIDR);
    assert(cidr !== undefined, 'the node network is a CIDR');
    this.fabric = new Fabric(cidr);
    const metrics = new ClusterMetrics(this.sim, this.nodes, () => this.apiServer.reader);
    this.apiServer = newApiServer({
      sim: this.sim,
      etcd: this.etcd,
      authorizeComponents: true,
      settings: layout.apiServer,
      webhookCaller: this.#webhookCaller(),
      virtualResources: [this.clock, ...metrics.resources()],
      admission: [
        schedulingDryRun(
          () => this.controlPlane.scheduler,
          () => this.#userSchedulers,
        ),
        networkPolicyWarning(networkPlanOf(layout)),
        packetTraceSend(() => this.#traceWorld),
      ],
      nodeSubresources: [logSubresource((name) => this.nodes.get(name))],
    });
    this.apiServer.onServed = () =>
      this.sim.schedule(0, 'kube-apiserver', 'register API services', '', () => reconcileApiServices(this.apiServer, this.sim.now));
    this.controlPlane = new ControlPlane(this.sim, this.apiServer, metrics, cloudProviderOf(layout));
    for (const plan of planNodes(layout)) {
      this.nodes.set(
        plan.name,
        new ClusterNode(plan, {
          sim: this.sim,
          transport: this.apiServer,
          fabric: this.fabric,
          catalogue: this.catalogue,
          volumes: this.#volumes,
          networkPlan: networkPlanOf(layout),
        }),
      );
    }
  }

  /** A cluster as it was when its last revision was saved. Components start with `startComponents`. */
  static restore(options: Omit<ClusterOptions, 'startTime'>, saved: SavedState): Cluster {
    return new Cluster(options, saved);
  }

  /** A client for the administrator, under any user agent. */
  client(userAgent: string): Client {
    return new Client(this.apiServer, CLUSTER_ADMIN, userAgent);
  }

  /** Brings a fresh cluster up, as fast as possible, until nothing is left to do. Returns whether that was reached. */
  boot(limitMs: number): boolean {
    const network = networkPlanOf(this.layout);
    const { proxyMode } = this.layout;
    const seedRoles = (options: SystemOptions) => {
      reconcileRoles(this.apiServer);
      seeding.get().createGrants(this.apiServer, options);
      reconcileApiServices(this.apiServer, this.sim.now);
    };
    this.sim.perform('kubeadm', 'init', '', () =>
      seeding.get().createSystemObjects(this.client('kubeadm'), { network, proxyMode, storageProvisioner: true }, seedRoles),
    );
    this.startComponents();
    return this.sim.runUntilIdle(limitMs);
  }

  /** Applies manifests as the user would, at once, each request an act of his. A tab and a headless run must do exactly the same here. */
  applyAsUser(objects: readonly KubernetesObject[]): Applied[] {
    const userAgent = 'you';
    return userWorld
      .get()
      .applyAll(objects, (request) =>
        this.sim.perform(userAgent, request.verb, `${request.resource}/${request.name ?? ''}`, () =>
          this.apiServer.request({ ...request, user: CLUSTER_ADMIN, userAgent }),
        ),
      );
  }

  /** Starts every process of the cluster. */
  startComponents(): void {
    const scope = new TaskScope(this.sim, 'kubarium');
    const client = this.client('kubarium');
    const nodeOf = (name: string) => this.nodes.get(name);
    const { catalogue, fabric } = this;
    const clientOf = (namespace: string, name: string) => new Client(this.apiServer, serviceAccountUser(namespace, name), name);
    this.#agents = new NetworkAgents(scope.child('network-agents'), networkPlanOf(this.layout), { clientOf, kubarium: client }, nodeOf);
    this.#addons = new NetworkAddons(scope.child('network-addons'), client, { catalogue, fabric, nodeOf, clientOf });
    this.controlPlane.start(this.#restored);
    startTokenSecrets(
      scope.child('tokens-controller'),
      new Client(this.apiServer, CONTROLLER_MANAGER, 'tokens-controller'),
      newTokens(this.sim),
    );
    this.#addons.start();
    if (this.#restored) this.#restoreMachines();
    for (const node of this.nodes.values()) node.startKubelet(this.#restored);
    const plans = [...this.nodes.values()].map(({ plan }) => plan);
    labelNodes(scope.child('kubeadm'), this.client('kubeadm'), plans);
    this.#agents.start();
    new ImageSync(scope.child('image-registry'), client, this.catalogue).start();
    const send = (request: UnsignedRequest) => this.apiServer.request({ ...request, user: CLUSTER_ADMIN, userAgent: 'scenario' });
    new ScenarioRunner(scope.child('scenario'), this.client('scenario'), send).start();
    new FaultController(scope.child('fault-controller'), client, this).start();
    this.#watchUserSchedulers(scope.child('user-schedulers'), client);
    this.#startTraces(scope, this.#addons.kubeProxies);
  }

  /** Users' own schedulers are loaded, and looked after, from when there is one. */
  #watchUserSchedulers(scope: TaskScope, client: Client): void {
    const informers = new InformerFactory(scope, client);
    const informer = informers.informer(SchedulerPluginResource);
    const connect = (user: UserInfo, userAgent: string) => new Client(this.apiServer, user, userAgent);
    const look = (plugin: SchedulerPlugin) => {
      if (plugin.spec.mode === 'Scheduler')
        this.#userSchedulers ??= new (userWorld.get().UserSchedulers)({ scope, client, informer, connect });
      this.#userSchedulers?.sync();
    };
    informer.addHandler({ add: look, update: look, delete: look });
    informers.start();
  }

  #startTraces(scope: TaskScope, proxies: KubeProxies): void {
    const { nodes, fabric, layout } = this;
    const cni = layout.cni ?? DEFAULT_CNI;
    const enforcesPolicies = enforces(networkPlanOf(layout));
    const traces = { client: this.client('packet-tracer'), nodes, fabric, proxies, cni, enforcesPolicies };
    const world = new TraceWorld({ ...traces, scope: scope.child('packet-tracer') });
    this.#traceWorld = world;
    new TrafficController(scope.child('traffic-generator'), this.client('traffic-generator'), world).start();
  }

  /** Nodes without power have none now, and pod networks that worked work before the first kubelet looks. */
  #restoreMachines(): void {
    for (const { spec, status } of this.client('kubarium').list(FaultResource).items) {
      if (spec.kind !== 'NodeDown' || status?.phase !== 'Active') continue;
      for (const name of status.affected ?? []) this.nodes.get(name.replace('node/', ''))?.powerOff();
    }
    for (const { metadata, spec, status } of this.client('kubarium').list(NodeResource).items) {
      const node = this.nodes.get(metadata.name);
      if (node !== undefined && spec.podCIDR && isCondition(status?.conditions, 'Ready')) this.#agents?.restore(node, spec.podCIDR);
    }
  }

  #controlPlaneNode(): ClusterNode | undefined {
    for (const node of this.nodes.values()) if (node.plan.controlPlane) return node;
    return undefined;
  }

  /** Made when the first webhook is called. */
  #webhookCaller(): WebhookCaller {
    let caller: WebhookCaller | undefined;
    const made = () =>
      (caller ??= userWorld.get().newWebhookCaller(
        () => this.#controlPlaneNode()?.machine.netns,
        () => this.apiServer.reader,
      ));
    return { post: (target, body, timeoutMs) => made().post(target, body, timeoutMs) };
  }

  /** The kube-proxies of the nodes, once components have been started. */
  get kubeProxies(): KubeProxies | undefined {
    return this.#addons?.kubeProxies;
  }

  /** Cuts a node's power. */
  powerOff(node: ClusterNode): void {
    node.powerOff();
    this.#agents?.forget(node.name);
    this.#addons?.forget(node.name);
  }

  /** The text of a container's log. Throws the kubelet's Status errors. */
  log(which: { namespace: string; pod: string; container: string; previous?: boolean; tailLines?: number }): string {
    const { namespace, pod, container, previous, tailLines } = which;
    const query = { container, ...(previous && { previous: 'true' }), ...(tailLines !== undefined && { tailLines: String(tailLines) }) };
    const response = this.apiServer.request({
      verb: 'get',
      group: '',
      version: 'v1',
      resource: 'pods',
      subresource: 'log',
      namespace,
      name: pod,
      options: { query },
      user: CLUSTER_ADMIN,
      userAgent: 'you',
    });
    return (response.object as unknown as { text: string }).text;
  }

  /** Follows a running container's log; undefined when it does not run. */
  followLog(which: ContainerTarget & { timestamps: boolean }, write: (text: string) => void): LogTail | undefined {
    return followLog(this.#nodeOfPod(which), which, write);
  }

  /**
   * Opens a command in a container, or without a command its own process; an empty container name means the pod's default. The streams
   * are called from tasks. Throws the Status errors of exec.
   */
  openSession(which: ContainerTarget, command: readonly string[] | undefined, streams: ExecStreams): ExecSession {
    const pod = this.client('you').get(PodResource, { namespace: which.namespace, name: which.pod });
    const container = containerOf(pod, which.container);
    return openSession(this.#nodeOfPod(which), { ...which, container }, command, streams);
  }

  /** Throws the Status errors of exec for a container in which nothing can be run now. */
  checkSession(which: ContainerTarget): void {
    const pod = this.podFor(which.namespace, which.pod);
    const container = containerOf(pod, which.container);
    checkRunning(this.#nodeOfPod(which), { ...which, container });
  }

  /** A pod that runs somewhere. Throws 404, or 400 for one that has no node. */
  podFor(namespace: string, name: string): Pod {
    const pod = this.client('you').get(PodResource, { namespace, name });
    if (!pod.spec.nodeName) throw badRequest(`pod ${name} does not have a host assigned`);
    return pod;
  }

  /** Sends a message to a port of a pod, from its node. */
  dialPod(which: PodTarget, port: number, message: Message): DialOutcome {
    const { status } = this.podFor(which.namespace, which.pod);
    return dial(this.#nodeOfPod(which), status?.podIP ?? '', port, message);
  }

  #nodeOfPod({ namespace, pod }: { namespace: string; pod: string }): ClusterNode | undefined {
    const nodeName = this.client('you').find(PodResource, { namespace, name: pod })?.spec.nodeName;
    return nodeName === undefined ? undefined : this.nodes.get(nodeName);
  }
}
