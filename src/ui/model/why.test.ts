import { describe, expect, it } from 'vitest';
import { refusals } from './why-pod.ts';
import { MAX_EVIDENCE, why } from './why.ts';
import { inspector } from '../i18n/en/inspector.ts';
import type { Evidence, WhyContext } from './evidence.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { Event, Node, Pod, Service } from '../../api/generated/types.ts';

const at = (second: number) => `2026-01-01T00:00:${String(second).padStart(2, '0')}Z`;
const metadata = (name: string, more: object = {}) => ({
  name,
  namespace: 'default',
  uid: `uid-${name}`,
  resourceVersion: '1',
  creationTimestamp: at(0),
  ...more,
});
const node = (name: string, ready = 'True', more: object = {}): Node =>
  ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { ...metadata(name), namespace: undefined },
    spec: {},
    status: {
      allocatable: { cpu: '4', memory: '8Gi' },
      conditions: [
        {
          type: 'Ready',
          status: ready,
          reason: 'NodeStatusUnknown',
          message: 'Kubelet stopped posting node status.',
          lastTransitionTime: at(10),
        },
      ],
    },
    ...more,
  }) as Node;
const pod = (name: string, status: object, { spec = {}, meta = {} } = {}): Pod =>
  ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: metadata(name, meta),
    spec: { containers: [{ name: 'main', resources: { requests: { cpu: '3' } } }], ...spec },
    status,
  }) as unknown as Pod;
const event = (about: KubernetesObject, reason: string, message: string, type = 'Warning', count = 1): Event => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { ...metadata(`e-${reason}`) },
  involvedObject: { kind: about.kind, name: about.metadata.name, namespace: about.metadata.namespace, uid: about.metadata.uid },
  reason,
  message,
  type,
  count,
  lastTimestamp: at(30),
});
const context = (more: Partial<WhyContext> = {}): WhyContext => ({
  now: Date.parse(at(40)),
  events: [],
  nodes: [node('n1')],
  pods: [],
  find: () => undefined,
  ...more,
});
const keys = (object: KubernetesObject, more: Partial<WhyContext> = {}) => why(object, context(more)).map(({ key }) => key);
const waiting = (reason: string, more: object = {}) => ({
  phase: 'Pending',
  containerStatuses: [
    {
      name: 'main',
      image: 'nginx:typo',
      imageID: '',
      ready: false,
      restartCount: 5,
      state: { waiting: { reason, message: 'why' } },
      ...more,
    },
  ],
});
const unscheduled = pod('big', {
  phase: 'Pending',
  conditions: [
    {
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
      message: '0/2 nodes are available: 1 node(s) had untolerated taint {a: b, c}, 1 Insufficient cpu. preemption: none.',
    },
  ],
});
const running = { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] };

describe('refusals', () => {
  it('reads the counts and reasons of a FailedScheduling message, commas and all', () => {
    expect(
      refusals(
        '0/4 nodes are available: 1 node(s) had untolerated taint {a: b, c}, 3 Insufficient cpu. preemption: 0/4 nodes are available.',
      ),
    ).toEqual([
      { count: 1, reason: 'node(s) had untolerated taint {a: b, c}' },
      { count: 3, reason: 'Insufficient cpu' },
    ]);
    expect(refusals('something else')).toEqual([]);
  });
});

describe('why', () => {
  it('says nothing about what is well', () => {
    expect(keys(pod('ok', running, { spec: { nodeName: 'n1' } }))).toEqual([]);
    expect(keys(node('n1'))).toEqual([]);
  });
  it('explains a pod that no node takes, with what it asks for and what is free', () => {
    const other = pod('other', running, { spec: { nodeName: 'n1' } });
    const lines = why(
      unscheduled,
      context({ pods: [unscheduled, other], events: [event(unscheduled, 'FailedScheduling', 'm', 'Warning', 7)] }),
    );
    expect(lines.map(({ key }) => key)).toEqual(['noNodeFits', 'nodesRefuse', 'nodesRefuse', 'asksTooMuch']);
    expect(lines[0]).toMatchObject({ params: { attempts: 7 }, link: { to: 'event' } });
    expect(lines[3]?.params).toEqual({ resource: 'cpu', asked: '3', free: '1', node: 'n1' });
  });
  it('names the image that cannot be pulled and quotes the newest warning', () => {
    const bad = pod('bad', waiting('ImagePullBackOff'), { spec: { nodeName: 'n1' } });
    expect(keys(bad, { events: [event(bad, 'Failed', 'Failed to pull image')] })).toEqual(['containerWaits', 'eventSays']);
  });
  it('leads from a crash loop to the exit code and the log of the previous run', () => {
    const bad = pod('bad', waiting('CrashLoopBackOff', { lastState: { terminated: { exitCode: 1, reason: 'Error' } } }), {
      spec: { nodeName: 'n1' },
    });
    const lines = why(bad, context());
    expect(lines.map(({ key }) => key)).toEqual(['restartsAgain', 'containerEnded', 'readLogs']);
    expect(lines[2]?.link).toEqual({ to: 'logs', container: 'main', previous: true });
  });
  it('names the memory limit of a container that was killed for it', () => {
    const bad = pod('bad', waiting('CrashLoopBackOff', { lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } } }), {
      spec: { nodeName: 'n1' },
    });
    expect(keys(bad)).toEqual(['restartsAgain', 'outOfMemory']);
  });
  it('quotes the probe of a pod that is not ready', () => {
    const bad = pod(
      'bad',
      {
        phase: 'Running',
        conditions: [{ type: 'Ready', status: 'False' }],
        containerStatuses: [{ name: 'main', image: '', imageID: '', ready: false, restartCount: 0, state: { running: {} } }],
      },
      { spec: { nodeName: 'n1' } },
    );
    expect(keys(bad, { events: [event(bad, 'Unhealthy', 'Readiness probe failed')] })).toEqual(['containerNotReady', 'probeFails']);
  });
  it('says of a pod on a silent node since when, and when it is evicted', () => {
    const taints = [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', timeAdded: at(10) }];
    const tolerations = [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute', operator: 'Exists', tolerationSeconds: 300 }];
    const lost = pod('lost', running, { spec: { nodeName: 'n1', tolerations } });
    const lines = why(lost, context({ nodes: [node('n1', 'Unknown', { spec: { taints } })] }));
    expect(lines.map(({ key, params }) => [key, params['seconds']])).toEqual([
      ['nodeSilent', 30],
      ['leavesNode', 270],
    ]);
  });
  it('traces a node that is down to the fault, its taints and its pods', () => {
    const down = node('n1', 'Unknown', { spec: { taints: [{ key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' }] } });
    const fault = { apiVersion: 'kubarium.dev/v1alpha1', kind: 'Fault', metadata: metadata('f') };
    expect(keys(down, { pods: [pod('p', running, { spec: { nodeName: 'n1' } })], faultsOn: () => [fault] })).toEqual([
      'nodeNotReady',
      'faultActs',
      'nodeTainted',
      'podsAtRisk',
    ]);
  });
  it('goes from a Deployment to the state of its pods and on to the first of them, in five lines at most', () => {
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: metadata('web'),
      spec: { replicas: 3 },
      status: { readyReplicas: 0 },
    } as KubernetesObject;
    const owners = { ownerReferences: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'uid-web', controller: true }] };
    const bad = pod('bad', waiting('CrashLoopBackOff', { lastState: { terminated: { exitCode: 1 } } }), {
      spec: { nodeName: 'n1' },
      meta: owners,
    });
    const found = keys(deployment, { pods: [bad], events: [event(bad, 'BackOff', 'Back-off')] });
    expect(found).toEqual(['replicasMissing', 'podsAre', 'restartsAgain', 'containerEnded', 'readLogs']);
    expect(found.length).toBeLessThanOrEqual(MAX_EVIDENCE);
  });
  it('finds the label that a Service misspelt', () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata('web'),
      spec: { selector: { app: 'wep' } },
    } as unknown as Service;
    const labelled = pod('p', running, { meta: { labels: { app: 'web' } } });
    const lines = why(service, context({ pods: [labelled] }));
    expect(lines.map(({ key, params }) => [key, params])).toEqual([
      ['selectorMatchesNothing', { selector: 'app=wep' }],
      ['nearMiss', { count: 1, label: 'app=web' }],
    ]);
  });
});

describe('messages', () => {
  it('have a text for each line, with no parameter missing', () => {
    const bad = pod('bad', waiting('CrashLoopBackOff', { lastState: { terminated: { exitCode: 1, reason: 'Error' } } }), {
      spec: { nodeName: 'n1' },
    });
    const lines: Evidence[] = [unscheduled, bad, node('n1', 'Unknown')].flatMap((object) => why(object, context({ pods: [unscheduled] })));
    const texts: Record<string, unknown> = inspector;
    for (const { key, params } of lines) {
      const text = String(texts[`why.${key}`]);
      for (const [, name = ''] of text.matchAll(/\{(\w+)\}/g)) expect(params, `${key} needs ${name}`).toHaveProperty(name);
    }
  });
});
