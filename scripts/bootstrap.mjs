/**
 * What `npm start` and `npm test` share: they must work right after a clone, with nothing but Node 20 and npm, so this file has no
 * dependencies. Everything else runs on the Node 24 that `npm ci` puts into node_modules.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = path.resolve(fileURLToPath(new URL('..', import.meta.url)));

/** Runs a program with its output shown (or collected with `quiet`); resolves to its exit code and output. */
export function run(command, args, { quiet = false, env = {} } = {}) {
  return new Promise((resolve) => {
    // Windows starts npm and npx, which are batch files, only through a shell.
    const shell = process.platform === 'win32' && /^(npm|npx)$/.test(command);
    const child = spawn(command, args, { cwd: ROOT, shell, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    let output = '';
    const take = (stream) => (chunk) => {
      output += chunk;
      if (!quiet) stream.write(chunk);
    };
    child.stdout.on('data', take(process.stdout));
    child.stderr.on('data', take(process.stderr));
    child.on('error', (error) => resolve({ code: 1, output: String(error.message) }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

/** npm writes what it installed into this file; older than the lock file means that something is missing. */
function isInstalled() {
  const installed = path.join(ROOT, 'node_modules/.package-lock.json');
  if (!fs.existsSync(installed) || !fs.existsSync(nodePath())) return false;
  const packages = (file) => JSON.parse(fs.readFileSync(file, 'utf8')).packages;
  const wanted = packages(path.join(ROOT, 'package-lock.json'));
  const present = packages(installed);
  return Object.entries(wanted).every(([name, entry]) => name === '' || entry.optional || present[name]?.version === entry.version);
}

/** The Node 24 of this repository. */
export function nodePath() {
  return path.join(ROOT, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

/** Installs the locked packages where they are missing or stale. Throws with what npm printed. */
export async function install() {
  if (isInstalled()) return;
  console.log('Installing packages (npm ci) ...');
  const env = { PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1' };
  const { code, output } = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel', 'error'], { quiet: true, env });
  if (code !== 0) throw new Error(`npm ci failed:\n${output}`);
  if (!fs.existsSync(nodePath()))
    throw new Error('npm ci ran, but node_modules/node has no binary. Are install scripts switched off (ignore-scripts)?');
}

/** Runs a script of the repository on its own Node. */
export function runNode(args, options) {
  return run(nodePath(), args, options);
}
