/**
 * `npm run size`: what dist/ costs to load, gzipped. "Page" is what the browser must have before the frame stands: index.html, its scripts
 * and styles, what those import statically, and the first picture of a cluster. "Engine" is the cluster's worker, which is fetched once that
 * picture is drawn. The rest is lazy.
 */
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { ROOT } from './stages.ts';

/** In kB (1000 bytes), gzipped. Of everything, 960 kB are the TypeScript compiler, which only who writes plugins in TypeScript fetches. */
const LIMITS = { page: 160, engine: 300, oneLazyFile: 1000, everything: 4200 };

/** The worker that runs the cluster. */
const isEngine = (file: string): boolean => path.basename(file).startsWith('cluster-worker');

const dist = path.join(ROOT, 'dist');
const gzipBytes = (file: string): number => gzipSync(fs.readFileSync(path.join(dist, file)), { level: 9 }).length;

/** Files of dist/ that the page loads at once. */
function firstLoadFiles(all: ReadonlySet<string>): Set<string> {
  const found = new Set<string>(['index.html']);
  const html = fs.readFileSync(path.join(dist, 'index.html'), 'utf8');
  const queue = [...all].filter((file) => file.includes('first-screen'));
  queue.push(...[...html.matchAll(/(?:src|href)="\.?\/?([^"]+\.(?:js|css))"/g)].map((match) => match[1] ?? ''));
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (found.has(file) || !all.has(file)) continue;
    found.add(file);
    if (!file.endsWith('.js')) continue;
    const source = fs.readFileSync(path.join(dist, file), 'utf8');
    // `import … from"./x.js"` and `import"./x.js"`, but not `import("./x.js")`.
    const imports = [...source.matchAll(/(?:\bfrom|\bimport)\s*"(\.{1,2}\/[^"]+\.js)"/g)].map((match) => match[1] ?? '');
    const workers = [...source.matchAll(/["'`]([\w./-]*worker[\w-]*\.js)["'`]/gi)].map((match) => `./${path.basename(match[1] ?? '')}`);
    queue.push(...[...imports, ...workers].map((target) => path.posix.join(path.posix.dirname(file), target)));
  }
  return found;
}

const files = fs
  .readdirSync(dist, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => path.relative(dist, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
  .filter((file) => !file.endsWith('.map'));
const first = firstLoadFiles(new Set(files));
type Part = 'page' | 'engine' | 'lazy, and the service worker';
const partOf = (file: string): Part => (isEngine(file) ? 'engine' : first.has(file) ? 'page' : 'lazy, and the service worker');
const rows = files.map((file) => ({ file, bytes: gzipBytes(file), part: partOf(file) })).sort((a, b) => b.bytes - a.bytes);

const kb = (bytes: number): string => `${(bytes / 1000).toFixed(1).padStart(8)} kB`;
const sum = (chosen: typeof rows): number => chosen.reduce((total, row) => total + row.bytes, 0);
for (const part of ['page', 'engine', 'lazy, and the service worker'] as const) {
  const chosen = rows.filter((row) => row.part === part);
  console.log(`${kb(sum(chosen))}  ${part}`);
  for (const { file, bytes } of chosen.slice(0, 25)) console.log(`${kb(bytes)}    ${file}`);
}
console.log(`${kb(sum(rows))}  everything`);

const faults: string[] = [];
const check = (what: string, bytes: number, limit: number): void => {
  if (bytes > limit * 1000) faults.push(`${what} is ${kb(bytes).trim()}, the limit is ${limit} kB (gzip)`);
};
for (const part of ['page', 'engine'] as const) check(part, sum(rows.filter((row) => row.part === part)), LIMITS[part]);
for (const row of rows) if (row.part !== 'page' && row.part !== 'engine') check(row.file, row.bytes, LIMITS.oneLazyFile);
check('everything', sum(rows), LIMITS.everything);
for (const fault of faults) console.error(`FAILED ${fault}`);
if (faults.length > 0) process.exitCode = 1;
