/**
 * Writes generated/first-screen.json: the default cluster as it is once nothing is left to do. A first visitor's page draws it while
 * the engine is still on its way. The simulation is deterministic, so what the engine then says is the same; `first-screen.test.ts`
 * beside the reader checks that. Only what the first screen shows is kept, without managed fields.
 */
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { KubernetesObject, ObjectList } from '../src/apimachinery/meta.ts';
import { CLUSTER_ADMIN } from '../src/cluster/admin.ts';
import { Cluster } from '../src/cluster/cluster.ts';
import { FIRST_SCREEN_RESOURCES } from '../src/ui/cluster/first-screen-resources.ts';
import type { FirstScreen } from '../src/ui/cluster/first-screen-resources.ts';
import { ROOT } from './stages.ts';

const BOOT_LIMIT_MS = 600_000;

/** The default cluster, booted, as the first screen shows it. */
export function makeFirstScreen(): FirstScreen {
  const cluster = new Cluster({ seed: 1 });
  cluster.boot(BOOT_LIMIT_MS);
  const lists = FIRST_SCREEN_RESOURCES.map(({ group, version, plural }) => {
    const { object } = cluster.apiServer.request({
      verb: 'list',
      group,
      version,
      resource: plural,
      options: {},
      user: CLUSTER_ADMIN,
      userAgent: 'first-screen',
    });
    return [`${group}/${version}/${plural}`, (object as unknown as ObjectList).items.map(withoutManagers)];
  });
  const { sim, etcd } = cluster;
  return {
    clock: { paused: false, speed: 1, now: sim.now, revision: etcd.revision, tasks: sim.executed, idle: true },
    objects: Object.fromEntries(lists) as FirstScreen['objects'],
  };
}

function withoutManagers(object: KubernetesObject): KubernetesObject {
  const metadata = { ...object.metadata };
  delete metadata.managedFields;
  return { ...object, metadata };
}

/** Writes the file; one that would not change keeps its time. */
export function writeFirstScreen(): void {
  const file = 'generated/first-screen.json';
  const content = JSON.stringify(makeFirstScreen());
  console.log(`${file}: ${content.length} bytes, ${gzipSync(content).length} gzipped`);
  const target = path.join(ROOT, file);
  if (!fs.existsSync(target) || fs.readFileSync(target, 'utf8') !== content) fs.writeFileSync(target, content);
}
