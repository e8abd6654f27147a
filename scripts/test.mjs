/**
 * `npm test`: everything a clone needs to prove that it works. Stops at no stage; prints a summary with durations, and ends with
 * "N passed, N failed", counting stages and the tests inside them.
 *   npm test                      all stages
 *   npm test -- lint unit         only these
 */
import { install, runNode } from './bootstrap.mjs';
import { ensureChromium } from './chromium.mjs';
import { hasProgram, installPackages } from './debian.mjs';

const script = (file, ...args) => [`scripts/${file}`, ...args];
const tool = (file, ...args) => [`node_modules/${file}`, ...args];

const KERNEL_TOOLS = {
  programs: ['iptables-restore', 'nft', 'ipset', 'conntrack', 'ip'],
  packages: ['iptables', 'nftables', 'ipset', 'conntrack', 'iproute2'],
};

/** What a stage with `tools` ends with where they are missing and cannot be installed: it is left out, and the summary says so. */
const LEFT_OUT = 2;

/** In this order: later stages read what earlier ones write. */
const STAGES = [
  { name: 'gen', args: script('generate.ts') },
  { name: 'lint', args: script('lint.ts') },
  { name: 'typecheck', args: script('typecheck.ts') },
  { name: 'unit', args: tool('vitest/vitest.mjs', 'run') },
  { name: 'conformance', args: ['conformance/run.ts'] },
  { name: 'etcd', args: ['conformance/etcd.ts'], tools: { programs: ['etcd'], packages: ['etcd-server'] } },
  { name: 'kernel', args: ['conformance/kernel/run.ts'], tools: KERNEL_TOOLS },
  { name: 'roundtrip', args: ['conformance/kernel-roundtrip.ts'], tools: KERNEL_TOOLS },
  { name: 'fuzz', args: script('fuzz.ts', '--requests', '5000', '--seed', '1') },
  { name: 'crashtest', args: script('crashtest.ts') },
  { name: 'build', args: tool('vite/bin/vite.js', 'build', '--logLevel', 'warn') },
  { name: 'size', args: script('size.ts') },
  { name: 'e2e', args: tool('@playwright/test/cli.js', 'test'), browser: true },
];

/** Tests counted in a stage's output: vitest's "Tests  3 failed | 120 passed", Playwright's "12 passed (3s)", ours "N passed, N failed". */
function countTests(output) {
  // Terminal colours stand between the words that are looked for.
  const plain = output.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g'), '');
  const lines = plain.split('\n').filter((line) => /^\s*Tests\s|^\s*\d+ (passed|failed|flaky)\b/.test(line));
  const sum = (word) => lines.reduce((total, line) => total + Number(new RegExp(`(\\d+) ${word}`).exec(line)?.[1] ?? 0), 0);
  return { passed: sum('passed') + sum('flaky'), failed: sum('failed') };
}

async function runStage({ name, args, browser, tools }) {
  console.log(`\n── ${name}`);
  const started = Date.now();
  const env = { CI: '1', FORCE_COLOR: '0' };
  let result;
  try {
    if (browser) {
      const chromium = await ensureChromium();
      if (chromium) env.CHROMIUM_PATH = chromium;
    }
    if (tools && !tools.programs.every(hasProgram)) await installPackages(tools.packages);
    result = await runNode(args, { env });
  } catch (error) {
    console.error(error.message);
    result = { code: 1, output: '' };
  }
  const leftOut = tools !== undefined && result.code === LEFT_OUT;
  return { name, ok: result.code === 0 || leftOut, leftOut, seconds: (Date.now() - started) / 1000, ...countTests(result.output) };
}

const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !STAGES.some((stage) => stage.name === name));
if (unknown.length > 0) {
  console.error(`unknown stage ${unknown.join(', ')}; there are: ${STAGES.map((stage) => stage.name).join(', ')}`);
  process.exit(2);
}

const results = [];
const started = Date.now();
try {
  await install();
  results.push({ name: 'install', ok: true, seconds: (Date.now() - started) / 1000, passed: 0, failed: 0 });
  for (const stage of STAGES) if (chosen.length === 0 || chosen.includes(stage.name)) results.push(await runStage(stage));
} catch (error) {
  console.error(error.message);
  results.push({ name: 'install', ok: false, seconds: (Date.now() - started) / 1000, passed: 0, failed: 0 });
}

console.log('\n── summary');
for (const { name, ok, leftOut, seconds, passed, failed } of results) {
  const tests = leftOut ? 'left out: its tools are missing here' : passed + failed > 0 ? `${passed} passed, ${failed} failed` : '';
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name.padEnd(12)} ${seconds.toFixed(1).padStart(7)} s  ${tests}`.trimEnd());
}
const total = (value) => results.reduce((sum, result) => sum + value(result), 0);
const passed = total((result) => result.passed + (result.ok ? 1 : 0));
const failed = total((result) => result.failed + (result.ok ? 0 : 1));
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
