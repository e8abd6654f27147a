/** `npm start`: install what is missing, generate, build, serve dist/ on http://127.0.0.1:4173 (or the next free port), print the address. */
import { install, ROOT, runNode } from './bootstrap.mjs';
import { serve } from './serve.mjs';

async function step(name, args) {
  const started = Date.now();
  const { code, output } = await runNode(args, { quiet: true });
  if (code !== 0) throw new Error(`${name} failed:\n${output}`);
  console.log(`${name}: ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

try {
  await install();
  await step('Generating', ['scripts/generate.ts']);
  await step('Building', ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn']);
  const { url } = await serve({ dir: `${ROOT}/dist`, port: Number(process.env.PORT ?? 4173), next: true });
  console.log(`\nKubarium is ready: ${url}\n(Ctrl+C stops it)`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
