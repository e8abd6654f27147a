/** Plugins to begin with: manifests of SchedulerPlugins, the source as a literal block. Some are wrong on purpose. */

/** The samples, the first one first. */
export const SAMPLE_IDS = ['even', 'typed', 'filter', 'loops', 'throws', 'nonsense', 'fetch'] as const;
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

const SOURCES: Readonly<Record<SampleId, string>> = {
  even: EVEN,
  typed: TYPED,
  filter: FILTER,
  loops: 'function score(pod, node) {\n  for (;;);\n}',
  throws: 'function score(pod, node) {\n  return node.metadata.labels.disk.length;\n}',
  nonsense: "function score(pod, node) {\n  return 'quite good';\n}",
  fetch: "function score(pod, node) {\n  return fetch('https://example.org/score');\n}",
};

const NAMES: Readonly<Record<SampleId, string>> = {
  even: 'even-nodes',
  typed: 'even-nodes',
  filter: 'five-pods',
  loops: 'for-ever',
  throws: 'thrower',
  nonsense: 'nonsense',
  fetch: 'fetcher',
};

/** The file of a sample. */
export function sampleFile(id: SampleId): { name: string; text: string } {
  const block = SOURCES[id]
    .split('\n')
    .map((line) => (line === '' ? '' : `    ${line}`))
    .join('\n');
  const name = NAMES[id];
  const text = `apiVersion: kubarium.dev/v1alpha1
kind: SchedulerPlugin
metadata:
  name: ${name}
spec:
  language: ${id === 'typed' ? 'TypeScript' : 'JavaScript'}
  weight: 10
  source: |
${block}
`;
  return { name: `${name}.yaml`, text };
}
