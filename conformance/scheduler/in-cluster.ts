/** Runs a scheduler case in a fresh cluster of an apiserver and a scheduler, through the API alone. */
import { resourceByKind } from '../../src/api/index.ts';
import { ConfigMapResource } from '../../src/api/core/config-map.ts';
import { NamespaceResource } from '../../src/api/core/namespace.ts';
import { NodeResource } from '../../src/api/core/node.ts';
import { PodResource } from '../../src/api/core/pod.ts';
import { ServiceAccountResource } from '../../src/api/core/service-account.ts';
import { columnValue, SchedulingDecisionResource } from '../../src/api/kubarium/scheduling-decision.ts';
import type { SchedulingDecision } from '../../src/api/kubarium/scheduling-decision.ts';
import { PriorityClassResource } from '../../src/api/scheduling/priority-class.ts';
import type { ConfigMap, Namespace, Node, Pod, PriorityClass, ServiceAccount } from '../../src/api/generated/types.ts';
import type { ResourceDefinition } from '../../src/api/resource.ts';
import type { KubernetesObject } from '../../src/apimachinery/meta.ts';
import { Client } from '../../src/client/client.ts';
import type { Sent } from '../../src/client/client.ts';
import { newApiServer } from '../../src/cluster/api-server.ts';
import { schedulingDryRun } from '../../src/cluster/dry-run-admission.ts';
import { Etcd } from '../../src/etcd/etcd.ts';
import { Scheduler } from '../../src/scheduler/scheduler.ts';
import { Simulation } from '../../src/sim/simulation.ts';
import { TaskScope } from '../../src/sim/task-scope.ts';
import { isScore, profileOf } from './case.ts';
import type { NodeAnswer, SchedulerCase } from './case.ts';

const LIMIT_MS = 60_000;

/** Creates the object and gives it the status of the case, as the component that owns it would. */
function create<T extends KubernetesObject & { status?: unknown }>(client: Client, resource: ResourceDefinition<T>, object: T): T {
  const made = client.create(resource, object as unknown as Sent<T>);
  if (object.status === undefined || resource.subresources.status !== true) return made;
  return client.updateStatus(resource, { ...made, status: object.status });
}

/** A node as it is once the node controller has found it Ready: without the taint that it is born with. */
function createNode(client: Client, node: Node): void {
  const made = create(client, NodeResource, { ...node, spec: node.spec ?? {} });
  const { taints, ...spec } = made.spec;
  client.update(NodeResource, { ...made, spec: { ...spec, ...(node.spec?.taints && { taints: node.spec.taints }) } });
}

function createObject(client: Client, object: KubernetesObject): void {
  const resource = resourceByKind(object.apiVersion, object.kind);
  if (resource === undefined) throw new Error(`the apiserver does not serve ${object.apiVersion} ${object.kind}`);
  create(client, resource, object);
}

function createNamespaces(client: Client, { existingPods, pod, otherObjects }: SchedulerCase): void {
  const given = new Set(otherObjects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name));
  const named = [...existingPods, pod, ...otherObjects].flatMap(({ metadata }) => metadata.namespace ?? []);
  const all = new Set(['default', 'kube-system', ...named, ...given]);
  for (const name of all) {
    const own = otherObjects.find(({ kind, metadata }) => kind === 'Namespace' && metadata.name === name);
    client.create(NamespaceResource, (own ?? { metadata: { name } }) as Sent<Namespace>);
    client.create(ServiceAccountResource, { metadata: { name: 'default', namespace: name } } as Sent<ServiceAccount>);
  }
}

const inNamespace = (pod: Pod): Pod => ({ ...pod, metadata: { ...pod.metadata, namespace: pod.metadata.namespace ?? 'default' } });

function createPod(client: Client, given: Pod): void {
  const pod = inNamespace(given);
  const { deletionTimestamp, ...metadata } = pod.metadata;
  create(client, PodResource, { ...pod, metadata });
  if (deletionTimestamp !== undefined) client.delete(PodResource, metadata);
}

/** Admission refuses a preemption policy that is not that of the pod's class, so one of its own needs a class of its own. */
function withOwnClass(client: Client, pod: Pod): Pod {
  const { preemptionPolicy, priorityClassName, priority: value = 0 } = pod.spec;
  if (preemptionPolicy === undefined || priorityClassName === undefined) return pod;
  const name = `${priorityClassName}-${preemptionPolicy.toLowerCase()}`;
  client.create(PriorityClassResource, { metadata: { name }, value, preemptionPolicy } as Sent<PriorityClass>);
  return { ...pod, spec: { ...pod.spec, priorityClassName: name } };
}

/** The cluster after the scheduler's attempts. */
interface Outcome {
  readonly client: Client;
  /** The first of them. */
  readonly decision: SchedulingDecision;
  /** What the case's plugin alone says, as the pod and the nodes are now. */
  readonly alone: () => SchedulingDecision;
}

/** What the scheduler decided first about the pod of the case. */
function decide(testCase: SchedulerCase): Outcome {
  const sim = new Simulation({ seed: 1 });
  const running: { scheduler?: Scheduler } = {};
  const server = newApiServer({
    sim,
    etcd: new Etcd<KubernetesObject>(),
    admission: [
      schedulingDryRun(
        () => running.scheduler,
        () => undefined,
      ),
    ],
  });
  const client = new Client(server, { name: 'you', groups: ['system:masters'] }, 'you');
  createNamespaces(client, testCase);
  const config = { apiVersion: 'kubescheduler.config.k8s.io/v1', kind: 'KubeSchedulerConfiguration', profiles: [profileOf(testCase)] };
  const data = { 'config.yaml': JSON.stringify(config), recording: 'full' };
  client.create(ConfigMapResource, { metadata: { namespace: 'kube-system', name: 'kube-scheduler' }, data } as Sent<ConfigMap>);
  for (const object of testCase.otherObjects) if (object.kind !== 'Namespace') createObject(client, object);
  for (const node of testCase.nodes) createNode(client, node);
  for (const existing of testCase.existingPods) createPod(client, existing);
  createPod(client, withOwnClass(client, testCase.pod));
  const user = { name: 'system:kube-scheduler', groups: ['system:authenticated'] };
  running.scheduler = new Scheduler({ scope: new TaskScope(sim, 'kube-scheduler'), client: new Client(server, user, 'kube-scheduler') });
  running.scheduler.start();
  sim.runUntilIdle(LIMIT_MS);
  const { name, namespace } = inNamespace(testCase.pod).metadata;
  const all = client.list(SchedulingDecisionResource, namespace).items.filter(({ spec }) => spec.podRef.name === name);
  const decision = all.find(({ spec }) => spec.attempt === 1);
  if (decision === undefined) throw new Error('the scheduler decided nothing');
  const overrides = { plugin: testCase.plugin };
  const dryRun = { metadata: { name: 'alone', namespace }, spec: { podRef: { name, namespace: '', uid: '' }, overrides } };
  let answer: SchedulingDecision | undefined;
  const alone = () => (answer ??= client.create(SchedulingDecisionResource, dryRun as Sent<SchedulingDecision>));
  return { client, decision, alone };
}

const success: NodeAnswer = { code: 'Success', reasons: [] };

/** The plugin's answer to PreFilter; undefined when another plugin ended the attempt before it was asked. */
function preFilterAnswer(plugin: string, { status: { preFilter = [], skipped } }: SchedulingDecision): NodeAnswer | undefined {
  const refusal = preFilter.find(({ code }) => code !== 'Success');
  if (refusal !== undefined) return refusal.plugin === plugin ? { code: refusal.code, reasons: refusal.reasons } : undefined;
  return skipped.filter.includes(plugin) ? { code: 'Skip', reasons: [] } : success;
}

/** The nodes that the plugin let pass or refused; without those that others refused before. */
function filterAnswers(
  testCase: SchedulerCase,
  { status: { rejections, nodes, preFilter = [] } }: SchedulingDecision,
): Record<string, NodeAnswer> {
  const perNode: Record<string, NodeAnswer> = Object.fromEntries(nodes.map((node) => [node, success]));
  const refused = preFilter.find(({ code, plugin }) => code !== 'Success' && plugin === testCase.plugin);
  if (refused !== undefined)
    for (const { metadata } of testCase.nodes) perNode[metadata.name] = { code: refused.code, reasons: refused.reasons };
  for (const { plugin, nodes: names, code, reasons, insufficient } of rejections) {
    if (plugin !== testCase.plugin) continue;
    for (const name of names) {
      const amounts = insufficient?.filter(({ node }) => node === name);
      perNode[name] = { code, reasons, ...(amounts && { insufficient: amounts }) };
    }
  }
  return perNode;
}

/** From the attempt; where another plugin spoke first, from the plugin alone. */
function filtered(testCase: SchedulerCase, { decision, alone }: Outcome) {
  const perNode = filterAnswers(testCase, decision);
  const missing = testCase.nodes.some(({ metadata }) => perNode[metadata.name] === undefined);
  return {
    preFilter: preFilterAnswer(testCase.plugin, decision) ?? preFilterAnswer(testCase.plugin, alone()),
    perNode: missing ? { ...filterAnswers(testCase, alone()), ...perNode } : perNode,
  };
}

/** From the attempt; with fewer than two feasible nodes nothing is scored there, so then from the plugin alone. */
function scored({ plugin, extensionPoint, harness }: SchedulerCase, { decision, alone }: Outcome) {
  const { nodes, scores } = (harness === 'single-plugin' ? alone() : decision).status;
  const row = scores.find((each) => each.plugin === plugin);
  const column = extensionPoint === 'score' ? row?.raw : row?.normalized;
  return { perNode: Object.fromEntries(nodes.map((node, index) => [node, { score: column && columnValue(column, index) }])) };
}

function preempted({ existingPods }: SchedulerCase, { client, decision, alone }: Outcome) {
  const { nominatedNodeName = '', preemption: done, postFilter = [] } = decision.status;
  const preemption = done ?? alone().status.preemption;
  const gone = existingPods.map(inNamespace).filter(({ metadata }) => {
    const pod = client.find(PodResource, metadata);
    const terminated = metadata.deletionTimestamp !== undefined;
    return !terminated && (pod === undefined || pod.metadata.deletionTimestamp !== undefined);
  });
  const candidates = preemption?.candidates ?? [];
  return {
    nominatedNodeName,
    nominatedNodeAnyOf: nominatedNodeName,
    victims: gone.map(({ metadata }) => metadata.name),
    candidates: Object.fromEntries(
      candidates.map(({ node, victims, pdbViolations }) => [
        node,
        { victims: victims.map(({ name }) => name), numPDBViolations: pdbViolations },
      ]),
    ),
    postFilterMessage: postFilter.flatMap(({ reasons }) => reasons).join(', '),
    postFilterReason: preemption?.notEligible ?? '',
  };
}

/** The answers of the scheduler. */
export function runInCluster(testCase: SchedulerCase): Readonly<Record<string, unknown>> {
  const outcome = decide(testCase);
  if (testCase.extensionPoint === 'preemption') return preempted(testCase, outcome);
  return isScore(testCase) ? scored(testCase, outcome) : filtered(testCase, outcome);
}
