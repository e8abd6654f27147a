/** Plugins and schedulers to begin with: manifests of SchedulerPlugins, the source as a literal block. Some are wrong on purpose. */

/** The samples, the first one first. */
export const SAMPLE_IDS = [
  'even',
  'typed',
  'filter',
  'roundRobin',
  'packer',
  'loops',
  'throws',
  'nonsense',
  'fetch',
  'schedulerLoops',
] as const;
/** One of them. */
export type SampleId = (typeof SAMPLE_IDS)[number];

const EVEN = `// Called for each node that fits: 0 to 100 points.
function score(pod, node) {
  const digit = Number(node.metadata.name.at(-1));
  return digit % 2 === 0 ? 100 : 0;
}`;

const TYPED = `interface Node { metadata: { name: string; labels: Record<string, string> } }

export function score(pod: unknown, node: Node): number {
  const digit = Number(node.metadata.name.at(-1)!);
  return (digit % 2 === 0 ? 100 : 0) as number;
}`;

const FILTER = `// true: the pod may go there; false or a text: it may not.
// node.requested and node.allocatable hold cpu (thousandths), memory (bytes) and pods.
function filter(pod, node) {
  return node.requested.pods < 5 || 'node(s) run five pods already';
}`;

const ROUND_ROBIN = `// Called for each pod with schedulerName: round-robin that has no node yet.
// nodes: all nodes; pods: all pods that have a node, as spec.nodeName says.
// It returns the name of a node, or { nodeName, reason }; { reason } when there is none now.
let turn = 0;

function schedule(pod, nodes, pods) {
  const free = nodes.filter((node) =>
    !node.spec.unschedulable &&
    !(node.spec.taints ?? []).some((taint) => taint.effect !== 'PreferNoSchedule') &&
    node.requested.cpu + pod.requests.cpu <= node.allocatable.cpu &&
    node.requested.memory + pod.requests.memory <= node.allocatable.memory &&
    node.requested.pods < node.allocatable.pods);
  if (free.length === 0) return { reason: 'no node has room' };
  const node = free[turn % free.length];
  turn += 1;
  return { nodeName: node.metadata.name, reason: 'turn ' + turn };
}`;

const PACKER = `interface Amounts { cpu: number; memory: number; pods: number }
interface Node {
  metadata: { name: string };
  spec: { unschedulable?: boolean; taints?: { effect: string }[] };
  allocatable: Amounts;
  requested: Amounts;
}
interface Pod { requests: { cpu: number; memory: number } }

export function schedule(pod: Pod, nodes: Node[]): { nodeName?: string; reason: string } {
  const free = nodes.filter(({ spec, allocatable, requested }) =>
    !spec.unschedulable && !spec.taints?.length && requested.pods < allocatable.pods &&
    requested.cpu + pod.requests.cpu <= allocatable.cpu &&
    requested.memory + pod.requests.memory <= allocatable.memory);
  const full = (node: Node): number => node.requested.cpu / node.allocatable.cpu;
  const [fullest] = free.sort((a, b) => full(b) - full(a));
  if (!fullest) return { reason: 'no node has room' };
  return { nodeName: fullest.metadata.name, reason: Math.round(100 * full(fullest)) + ' % of its cpu was taken' };
}`;

const SOURCES: Readonly<Record<SampleId, string>> = {
  even: EVEN,
  typed: TYPED,
  filter: FILTER,
  roundRobin: ROUND_ROBIN,
  packer: PACKER,
  schedulerLoops: 'function schedule(pod, nodes, pods) {\n  for (;;);\n}',
  loops: 'function score(pod, node) {\n  for (;;);\n}',
  throws: 'function score(pod, node) {\n  return node.metadata.labels.disk.length;\n}',
  nonsense: "function score(pod, node) {\n  return 'quite good';\n}",
  fetch: "function score(pod, node) {\n  return fetch('https://example.org/score');\n}",
};

const NAMES: Readonly<Record<SampleId, string>> = {
  even: 'even-nodes',
  typed: 'even-nodes',
  filter: 'five-pods',
  roundRobin: 'round-robin',
  packer: 'packer',
  schedulerLoops: 'for-ever',
  loops: 'for-ever',
  throws: 'thrower',
  nonsense: 'nonsense',
  fetch: 'fetcher',
};

const TYPED_ONES: readonly SampleId[] = ['typed', 'packer'];
const SCHEDULERS: readonly SampleId[] = ['roundRobin', 'packer', 'schedulerLoops'];

/** Pods for a scheduler of one's own. */
const podsFor = (scheduler: string): string => `---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: by-${scheduler}
spec:
  replicas: 4
  selector:
    matchLabels:
      app: by-${scheduler}
  template:
    metadata:
      labels:
        app: by-${scheduler}
    spec:
      schedulerName: ${scheduler}
      containers:
      - name: main
        image: nginx:1.27
        resources:
          requests:
            cpu: 100m
            memory: 64Mi
`;

/** The file of a sample. */
export function sampleFile(id: SampleId): { name: string; text: string } {
  const block = SOURCES[id]
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n');
  const name = NAMES[id];
  const scheduler = SCHEDULERS.includes(id);
  const text = `apiVersion: kubarium.dev/v1alpha1
kind: SchedulerPlugin
metadata:
  name: ${name}
spec:
  language: ${TYPED_ONES.includes(id) ? 'TypeScript' : 'JavaScript'}
  ${scheduler ? `mode: Scheduler\n  schedulerName: ${name}` : 'weight: 10'}
  source: |
${block}
${scheduler ? podsFor(name) : ''}`;
  return { name: `${name}.yaml`, text };
}
