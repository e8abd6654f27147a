/**
 * A small server for static files: `npm start` and the e2e tests serve dist/ with it. It needs only Node 20.
 *   node scripts/serve.mjs [--dir dist] [--port 4173] [--base /some/sub/path/]
 */
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.ttf': 'font/ttf',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
  '.yaml': 'text/yaml; charset=utf-8',
};

/** The file for a request path below `base`, or undefined when there is none. Never leaves `root`. */
function fileFor(root, base, requestPath) {
  if (!requestPath.startsWith(base)) return undefined;
  const file = path.resolve(root, `./${requestPath.slice(base.length)}`);
  if (file !== root && !file.startsWith(root + path.sep)) return undefined;
  const found = fs.statSync(file, { throwIfNoEntry: false });
  if (found?.isFile()) return file;
  const index = path.join(file, 'index.html');
  return found?.isDirectory() && fs.existsSync(index) ? index : undefined;
}

function requestPathOf(request) {
  try {
    return decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname);
  } catch {
    return undefined;
  }
}

/** Serves the folder on 127.0.0.1; resolves to the server once it listens. If the port is taken and `next` is set, tries the next ones. */
export function serve({ dir, port, base = '/', next = false }) {
  const root = path.resolve(dir);
  const server = http.createServer((request, response) => {
    const requestPath = requestPathOf(request);
    const file = requestPath === undefined ? undefined : fileFor(root, base, requestPath);
    if (!file || (request.method !== 'GET' && request.method !== 'HEAD')) {
      response.writeHead(file ? 405 : 404, { 'content-type': 'text/plain; charset=utf-8' });
      response.end('not found\n');
      return;
    }
    const hashed = /-[\w-]{8}\.\w+$/.test(file);
    response.writeHead(200, {
      'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream',
      'content-length': fs.statSync(file).size,
      'cache-control': hashed ? 'public, max-age=31536000, immutable' : 'no-cache',
      'x-content-type-options': 'nosniff',
    });
    if (request.method === 'HEAD') response.end();
    else fs.createReadStream(file).pipe(response);
  });
  return new Promise((resolve, reject) => {
    let attempt = port;
    server.on('error', (error) => {
      if (next && error.code === 'EADDRINUSE' && attempt < port + 20) server.listen(++attempt, '127.0.0.1');
      else reject(error);
    });
    server.on('listening', () => resolve({ server, url: `http://127.0.0.1:${server.address().port}${base}` }));
    server.listen(attempt, '127.0.0.1');
  });
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const { values } = parseArgs({
    options: {
      dir: { type: 'string', default: 'dist' },
      port: { type: 'string', default: '4173' },
      base: { type: 'string', default: '/' },
    },
  });
  const { url } = await serve({ dir: values.dir, port: Number(values.port), base: values.base });
  console.log(`Serving ${values.dir} at ${url}`);
}
