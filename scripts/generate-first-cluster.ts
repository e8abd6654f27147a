/**
 * Writes the default cluster as it is once nothing is left to do, twice: generated/first-cluster.json is etcd's content, from which a first
 * visitor's engine goes on as after a reload, instead of booting what is always the same; generated/first-screen.json is the part of it that
 * the first screen shows, without managed fields, which the page draws while the engine is still on its way.
 */
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { KubernetesObject, ObjectList } from '../src/apimachinery/meta.ts';
import { CLUSTER_ADMIN } from '../src/cluster/admin.ts';
import { Cluster } from '../src/cluster/cluster.ts';
import type { SavedState } from '../src/cluster/restore.ts';
import { DEFAULT_SEED } from '../src/scenario/header.ts';
import { FIRST_SCREEN_RESOURCES } from '../src/ui/cluster/first-screen-resources.ts';
import type { FirstScreen } from '../src/ui/cluster/first-screen-resources.ts';
import { ROOT } from './stages.ts';
import { installExtras } from '../src/cluster/extras.ts';

installExtras();

const BOOT_LIMIT_MS = 600_000;

function bootedCluster(): Cluster {
  const cluster = new Cluster({ seed: DEFAULT_SEED });
  cluster.boot(BOOT_LIMIT_MS);
  return cluster;
}

function firstCluster({ etcd, sim }: Cluster): SavedState {
  return { snapshot: { revision: etcd.revision, at: sim.now, kvs: etcd.range({ key: '\0', end: '\0' }).kvs }, journal: [] };
}

function firstScreen(cluster: Cluster): FirstScreen {
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
    clock: { paused: false, speed: 1, now: sim.now, revision: etcd.revision, tasks: 0, idle: true },
    objects: Object.fromEntries(lists) as FirstScreen['objects'],
  };
}

function withoutManagers(object: KubernetesObject): KubernetesObject {
  const metadata = { ...object.metadata };
  delete metadata.managedFields;
  return { ...object, metadata };
}

/** Writes both files; one that would not change keeps its time. */
export function writeFirstCluster(): void {
  const cluster = bootedCluster();
  write('generated/first-cluster.json', firstCluster(cluster));
  write('generated/first-screen.json', firstScreen(cluster));
}

function write(file: string, value: unknown): void {
  const content = JSON.stringify(value);
  console.log(`${file}: ${content.length} bytes, ${gzipSync(content).length} gzipped`);
  const target = path.join(ROOT, file);
  if (!fs.existsSync(target) || fs.readFileSync(target, 'utf8') !== content) fs.writeFileSync(target, content);
}
