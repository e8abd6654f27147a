/**
 * The rooms of src/ and which of them each may know: the table of docs/architecture.md as data. dependency-cruiser and ESLint read it.
 * A room may also know what its neighbours in the table know.
 */

/** Rooms below worker/, headless/ and ui/: synchronous, deterministic, without a host. */
const CORE = {
  sim: [],
  apimachinery: [],
  pki: ['apimachinery'],
  api: ['apimachinery', 'pki'],
  linux: ['sim'],
  etcd: ['sim', 'apimachinery'],
  apiserver: ['apimachinery', 'api', 'etcd', 'sim'],
  client: ['apimachinery', 'api', 'sim'],
  'controller-manager': ['client'],
  scheduler: ['client'],
  'container-runtime': ['linux'],
  kubelet: ['client', 'container-runtime', 'linux'],
  cni: ['client', 'linux'],
  'kube-proxy': ['client', 'linux'],
  addons: ['client', 'linux'],
  cluster: [
    'etcd',
    'apiserver',
    'client',
    'controller-manager',
    'scheduler',
    'container-runtime',
    'kubelet',
    'cni',
    'kube-proxy',
    'addons',
    'linux',
    'scenario',
  ],
  shell: ['client', 'linux', 'container-runtime'],
  scenario: ['api'],
  content: ['scenario'],
};

const EDGES = {
  worker: ['cluster', 'shell', 'scenario'],
  headless: ['cluster', 'shell', 'scenario', 'content'],
  ui: ['api', 'scenario', 'content'],
};

/** Single files that rooms may know beyond the table, with the reason. */
export const EXTRA_FILES = [
  {
    from: ['sim', 'linux', 'container-runtime'],
    to: '^src/apimachinery/(assert|late-part|durations)\\.ts$',
    reason: 'they know nothing of Kubernetes',
  },
  { from: ['ui'], to: '^src/worker/protocol[^/]*\\.ts$', reason: 'the messages that the page and the worker exchange' },
  { from: ['ui'], to: '^src/apiserver/registry/keys\\.ts$', reason: 'a table: where an object lies in etcd' },
];

/** npm packages that the core may use: all of them are pure and synchronous. */
export const CORE_PACKAGES = ['yaml', 'unbash', 'fflate', '@noble/curves', '@noble/hashes'];

/** Folders whose subfolders (or files, with `files`) never import each other. Files beside the subfolders are shared by all. */
export const SIBLINGS = [
  { folder: 'src/controller-manager' },
  { folder: 'src/addons' },
  { folder: 'src/kube-proxy' },
  { folder: 'src/cni' },
  { folder: 'src/ui/panels' },
  { folder: 'src/scheduler/plugins', files: true },
];

export const ROOMS = { ...CORE, ...EDGES };
export const CORE_ROOMS = Object.keys(CORE);

/** All rooms that a room may know, itself included. */
export function knownTo(room) {
  const known = new Set();
  const visit = (name) => {
    if (known.has(name)) return;
    known.add(name);
    for (const next of ROOMS[name] ?? []) visit(next);
  };
  visit(room);
  return [...known].sort();
}
