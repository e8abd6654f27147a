/** The same cluster as in the tab, under Node: run a scenario and print what became of it, or serve it over HTTP. */
import { stdout, stderr } from 'node:process';
import { Cluster } from '../cluster/cluster.ts';
import { stateHash } from '../cluster/state-hash.ts';
import { installExtras } from '../cluster/extras.ts';
import { startOf } from '../scenario/layout.ts';
import { loadInterpreter } from './interpreter.ts';
import { loadScenario } from './load-scenario.ts';
import { readOptions, USAGE } from './options.ts';
import type { HeadlessOptions } from './options.ts';
import { paceInRealTime } from './pace.ts';
import { serve } from './server.ts';
import { writeKubeconfig } from './tls.ts';

const BOOT_LIMIT_MS = 600_000;
/** "Until idle" gives up after an hour of virtual time: a program that prints each second never ends. */
const IDLE_LIMIT_MS = 3_600_000;

/**
 * When the cluster's time begins, ms. kubectl counts some ages itself, by its machine's clock: a cluster that is served in real time
 * has come up just now. Everywhere else time begins always at the same moment, so that runs can be repeated.
 */
function startTimeOf({ port, speed }: HeadlessOptions): number | undefined {
  if (port === undefined || speed !== 1) return undefined;
  return Math.floor((Date.now() - BOOT_LIMIT_MS) / 1000) * 1000;
}

function startCluster(options: HeadlessOptions): Cluster {
  const { scenario, seed, cni } = options;
  const objects = scenario === undefined ? [] : loadScenario(scenario);
  const start = startOf(objects);
  const layout = start.name === '' ? { ...start.layout, cni } : start.layout;
  const cluster = new Cluster({ seed: seed ?? start.seed, layout, startTime: startTimeOf(options) });
  cluster.boot(BOOT_LIMIT_MS);
  const applied = cluster.applyAsUser(objects);
  for (const { manifest, outcome, status, warnings } of applied) {
    for (const warning of warnings) stderr.write(`Warning: ${warning}\n`);
    if (outcome === 'failed')
      stderr.write(`Error from server (${status?.reason ?? ''}): ${manifest.kind} ${manifest.metadata.name}: ${status?.message ?? ''}\n`);
  }
  return cluster;
}

function print(cluster: Cluster, what: HeadlessOptions['print']): void {
  if (what === 'hash') stdout.write(`${stateHash(cluster.etcd)}\n`);
  if (what !== 'json') return;
  const items = cluster.etcd.range({ key: '/registry/', end: '/registry0' }).kvs.map(({ value }) => value);
  stdout.write(
    `${JSON.stringify({ apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: String(cluster.etcd.revision) }, items }, undefined, 2)}\n`,
  );
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  installExtras();
  await loadInterpreter();
  const cluster = startCluster(options);
  if (options.until === 'idle' && !cluster.sim.runUntilIdle(IDLE_LIMIT_MS)) stderr.write('not idle after an hour of virtual time\n');
  if (typeof options.until === 'number') cluster.sim.runUntil(cluster.sim.now + options.until * 1000);
  print(cluster, options.print);
  if (options.port === undefined) return;
  const wake = paceInRealTime(cluster, options.speed);
  const { tls, kubeconfig } = options;
  const { port } = await serve(cluster, options.port, wake, { tls });
  if (kubeconfig !== undefined) writeKubeconfig(kubeconfig, cluster, port, tls);
  stdout.write(`Listening on ${tls ? 'https' : 'http'}://127.0.0.1:${port}\n`);
}

main().catch((error: unknown) => {
  stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
  process.exitCode = 1;
});
