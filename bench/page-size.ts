/** What dist/ costs to load, in kB (1000 bytes), gzipped: the page with its first picture of a cluster, and the engine that is fetched behind it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const kilobytes = (file: string) => gzipSync(readFileSync(file), { level: 9 }).length / 1000;

/** Reads dist/. The page is index.html with the scripts and styles that it names and that those import statically. */
export function pageKilobytes(dist = 'dist'): { page: number; engine: number } {
  const seen = new Set<string>();
  const assets = readdirSync(join(dist, 'assets'));
  const [picture = ''] = assets.filter((name) => name.startsWith('first-screen'));
  const queue = [join(dist, 'index.html'), join(dist, 'assets', picture)];
  let page = 0;
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    page += kilobytes(file);
    const text = readFileSync(file, 'utf8');
    const named = file.endsWith('.html') ? /(?:src|href)="\.?\/?([^"]+\.(?:js|css))"/g : /(?:\bfrom|\bimport)\s*"(\.\/[^"]+\.js)"/g;
    for (const [, target = ''] of text.matchAll(named)) queue.push(join(file, '..', target));
  }
  const [worker = ''] = assets.filter((name) => name.startsWith('cluster-worker'));
  return { page, engine: kilobytes(join(dist, 'assets', worker)) };
}
