/** Manifests that nobody here wrote, pasted and applied by hand, and what becomes of them; a reload and a second tab in between. */
import type { Page } from '@playwright/test';
import type { EndpointSlice, Pod } from '../src/api/generated/types.ts';
import { list, openPage, waitReady } from './support/cluster.ts';
import { apply, manifestSet, paste } from './support/editor.ts';
import { chooseNamespace, rowsWith, setSpeed, showTable } from './support/objects.ts';
import { expect, test } from './support/test.ts';

/** Pastes a set, applies it, and sees that nothing was refused. Then reloads in the middle: all that was acknowledged is there. */
async function applyAndReload(page: Page, set: string, objects: number): Promise<void> {
  await openPage(page);
  await paste(page, manifestSet(set));
  const result = await apply(page);
  await expect(result).toContainText(`${objects} objects applied`);
  const before = await list(page, 'services');
  await page.reload();
  await waitReady(page);
  const band = page.getByRole('region', { name: 'Getting started' });
  await expect(band.or(page.getByLabel('Timeline')).first()).toBeVisible();
  const after = await list(page, 'services');
  expect(after.map(({ metadata }) => metadata.uid)).toEqual(before.map(({ metadata }) => metadata.uid));
  await chooseNamespace(page, 'default');
}

test('guestbook: replication controllers and deployments of the same name both get their pods', async ({ page }) => {
  await applyAndReload(page, 'guestbook', 9);
  await setSpeed(page, 'max');
  const pods = await showTable(page, 'Pod');
  await expect(rowsWith(pods, '1/1', /Running$/)).toHaveCount(12);
  const deployments = await showTable(page, 'Deployment');
  for (const [name, ready] of [
    ['frontend', '3/3'],
    ['redis-master', '1/1'],
    ['redis-replica', '2/2'],
  ] as const)
    await expect(rowsWith(deployments, name, ready)).toHaveCount(1);
  await expect(rowsWith(await showTable(page, 'ReplicationController'), 'frontend', '3')).toHaveCount(1);
  const slices = (await list<EndpointSlice>(page, 'discovery.k8s.io/endpointslices')).filter(
    ({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === 'frontend',
  );
  expect(slices.flatMap(({ endpoints }) => endpoints)).toHaveLength(6);
});

test('guestbook-go: all pods are ready, and the named target port is resolved', async ({ page }) => {
  await applyAndReload(page, 'guestbook-go', 6);
  await setSpeed(page, '×60');
  await expect(rowsWith(await showTable(page, 'Pod'), '1/1', /Running$/)).toHaveCount(6);
  await expect(rowsWith(await showTable(page, 'EndpointSlice'), /^guestbook-/, '3000')).toHaveCount(1);
});

test('voting-app: five deployments are available', async ({ page }) => {
  await applyAndReload(page, 'voting-app', 9);
  await setSpeed(page, '×60');
  const deployments = await showTable(page, 'Deployment');
  for (const name of ['db', 'redis', 'result', 'vote', 'worker']) await expect(rowsWith(deployments, name, '1/1')).toHaveCount(1);
});

test('mysql: the pod waits for a volume that no driver attaches, and the inspector says why', async ({ page }) => {
  await applyAndReload(page, 'mysql', 2);
  await setSpeed(page, '×60');
  const pods = await showTable(page, 'Pod');
  await rowsWith(pods, 'mysql', '0/1', /ContainerCreating$/).click();
  const inspector = page.getByRole('complementary', { name: 'Right dock' });
  await expect(inspector.getByRole('heading', { name: 'mysql', exact: true })).toBeVisible();
  await expect(inspector).toContainText('FailedMount');
  await expect(inspector.getByText('Why?')).toBeVisible();
  const [pod] = await list<Pod>(page, 'pods');
  expect(pod?.spec.nodeName).toMatch(/^node-/);
});

test('cassandra: the claim waits for a provisioner that is not there, and the pod for its claim', async ({ page }) => {
  await applyAndReload(page, 'cassandra', 3);
  await setSpeed(page, '×10');
  await expect(rowsWith(await showTable(page, 'PersistentVolumeClaim'), 'cassandra-data-cassandra-0', 'Pending')).toHaveCount(1);
  const pods = await showTable(page, 'Pod');
  await rowsWith(pods, 'cassandra-0', '0/1', /Pending$/).click();
  const inspector = page.getByRole('complementary', { name: 'Right dock' });
  await expect(inspector.getByRole('heading', { name: 'cassandra-0', exact: true })).toBeVisible();
  await expect(inspector).toContainText('Its volume claim cassandra-data-cassandra-0 is Pending.');
  const events = (await list(page, 'events')) as unknown as { reason: string; involvedObject: { kind: string } }[];
  const reasons = events.map(({ reason, involvedObject }) => `${involvedObject.kind} ${reason}`);
  expect(reasons).toEqual(expect.arrayContaining(['PersistentVolumeClaim ExternalProvisioning', 'Pod FailedScheduling']));
});

test('a second tab attaches to the cluster of the first, and takes it over when that closes', async ({ page, context }) => {
  await openPage(page);
  await paste(page, manifestSet('guestbook-go'));
  await expect(await apply(page)).toContainText('6 objects applied');

  const second = await context.newPage();
  await openPage(second);
  await expect(second.getByText('Runs in another tab')).toBeVisible();
  await chooseNamespace(second, 'default');
  await expect(rowsWith(await showTable(second, 'ReplicationController'), 'guestbook', '3')).toHaveCount(1);
  // What the first tab does is seen in the second.
  await paste(page, configMap('from-first'));
  await expect(await apply(page)).toContainText('1 object applied');
  await expect(rowsWith(await showTable(second, 'ConfigMap'), 'from-first')).toHaveCount(1);
  const uid = (await list(page, 'services', 'default')).map(({ metadata }) => metadata.uid);

  await page.close();
  await expect(second.getByText('Runs in another tab')).toBeHidden();
  await waitReady(second);
  expect((await list(second, 'services', 'default')).map(({ metadata }) => metadata.uid)).toEqual(uid);
  await expect(rowsWith(await showTable(second, 'ConfigMap'), 'from-first')).toHaveCount(1);
  await paste(second, configMap('from-second'));
  await expect(await apply(second)).toContainText('1 object applied');
  await expect(rowsWith(await showTable(second, 'ConfigMap'), 'from-second')).toHaveCount(1);
  await setSpeed(second, '×60');
  await expect(rowsWith(await showTable(second, 'Pod'), '1/1', /Running$/)).toHaveCount(6);
});

const configMap = (name: string): string => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  a: b\n`;
