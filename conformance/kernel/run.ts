/**
 * The kernel judge: `node conformance/kernel/run.ts [--cases DIR] [--filter TEXT] [--rules product|case]`. Builds each
 * case's network in simulated Linux, lets the simulated cluster write its rules there, sends the case's packets, and has
 * fixtures/oracle/judge.mjs load the same rules into real network namespaces and compare the paths. Needs root and
 * iptables, nft, conntrack, ipset and ip; without them it exits with 2. "N passed, N failed"; exits with 1 if any failed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { KernelCase } from './case.ts';
import { buildNetwork } from './network.ts';
import { runPackets } from './packets.ts';
import { loadCaseRules, writeClusterRules } from './rules.ts';
import { installExtras } from '../../src/cluster/extras.ts';

installExtras();

const TOOLS = ['iptables-restore', 'iptables-save', 'nft', 'conntrack', 'ipset', 'ip', 'bridge'];
const NOT_POSSIBLE = 2;
/**
 * The kernel draws its backends anew each time, and on a busy machine its trace arrives late; what the product says is
 * always the same, so that a real difference fails every time.
 */
const ATTEMPTS = 3;

const JUDGE = fileURLToPath(new URL('fixtures/oracle/judge.mjs', import.meta.url));
const CASES = fileURLToPath(new URL('fixtures/cases', import.meta.url));

function whyNot(): string | undefined {
  if (process.platform !== 'linux') return 'it needs Linux';
  if (process.getuid?.() !== 0) return 'it needs root';
  const missing = TOOLS.filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);
  if (missing.length > 0) return `missing: ${missing.join(', ')} (apt-get install iptables nftables conntrack ipset iproute2)`;
  const namespace = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' });
  return namespace.status === 0 ? undefined : `no network namespaces: ${namespace.stderr.trim()}`;
}

/** What the product says of a case: its rules by node, and its packets by id. */
function produce(testCase: KernelCase, rules: 'product' | 'case') {
  const network = buildNetwork(testCase);
  if (rules === 'case') loadCaseRules(testCase, network);
  else writeClusterRules(testCase, network);
  const iptables: Record<string, string> = {};
  for (const [name, netns] of network.nodes) iptables[name] = netns.netfilter?.save() ?? '';
  return { iptables, packets: runPackets(testCase, network) };
}

function judge(folder: string, file: string, rules: 'product' | 'case', scratch: string): string | undefined {
  const path = join(folder, file);
  const testCase = JSON.parse(readFileSync(path, 'utf8')) as KernelCase;
  const productFile = join(scratch, file);
  try {
    writeFileSync(productFile, JSON.stringify(produce(testCase, rules), undefined, 1));
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  let output = '';
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const result = spawnSync(process.execPath, [JUDGE, path, productFile, '--expected', join(folder, 'expected.json')], {
      encoding: 'utf8',
    });
    if (result.status === 0) return undefined;
    output = `${result.stdout}${result.stderr}`.trimEnd();
  }
  return output;
}

function main(): void {
  const { values } = parseArgs({
    options: { cases: { type: 'string' }, filter: { type: 'string' }, rules: { type: 'string' }, keep: { type: 'boolean' } },
  });
  const reason = whyNot();
  if (reason !== undefined) {
    console.log(`The kernel judge cannot run here: ${reason}.`);
    process.exitCode = NOT_POSSIBLE;
    return;
  }
  const folder = values.cases ?? CASES;
  const files = readdirSync(folder).filter(
    (file) => file.endsWith('.json') && file !== 'expected.json' && file.includes(values.filter ?? ''),
  );
  const scratch = mkdtempSync(join(tmpdir(), 'kernel-judge-'));
  let failed = 0;
  for (const file of files.sort()) {
    const failure = judge(folder, file, values.rules === 'case' ? 'case' : 'product', scratch);
    if (failure !== undefined) failed++;
    console.log(failure === undefined ? `ok   ${file}` : `FAIL ${file}\n${failure}`);
  }
  if (values.keep && existsSync(scratch)) console.log(`what was judged: ${scratch}`);
  else rmSync(scratch, { recursive: true, force: true });
  console.log(`${files.length - failed} passed, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

main();
