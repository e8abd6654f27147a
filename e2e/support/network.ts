/** A small cluster whose packets are followed: a client, web pods, Services of every kind. */
import type { Locator, Page } from '@playwright/test';
import { expect } from '@playwright/test';
import type { KubernetesObject } from '../../src/apimachinery/meta.ts';
import type { ScenarioCluster } from '../../src/api/kubarium/scenario.ts';
import { control, openPage, request } from './cluster.ts';

const scenario = (cluster: object) => ({
  apiVersion: 'kubarium.dev/v1alpha1',
  kind: 'Scenario',
  metadata: { name: 'network' },
  spec: { seed: 1, title: { en: 'Network' }, clock: { start: 'running', speed: 1 }, cluster },
});

const pod = (name: string, nodeName: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'default', labels: { app: name } },
  spec: { nodeName, containers: [{ name: 'main', image: 'nginx:1.27', ports: [{ containerPort: 80 }] }] },
});

const service = (name: string, spec: object) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: 'default' }, spec });

/** What is in the cluster, with the resource of each. */
const OBJECTS: [resource: string, object: object][] = [
  ['pods', pod('client', 'node-1')],
  ['pods', pod('web', 'node-2')],
  ['services', service('web', { type: 'NodePort', selector: { app: 'web' }, ports: [{ port: 80, nodePort: 30080 }] })],
  ['services', service('headless', { clusterIP: 'None', selector: { app: 'web' }, ports: [{ port: 80 }] })],
  ['services', service('elsewhere', { type: 'ExternalName', externalName: 'web.default.svc.cluster.local' })],
  ['services', service('mistyped', { selector: { app: 'wep' }, ports: [{ port: 80 }] })],
];

/** Denies everything to the pod "web". */
export const DENY = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name: 'deny', namespace: 'default' },
  spec: { podSelector: { matchLabels: { app: 'web' } }, policyTypes: ['Ingress'] },
};

/** Creates an object of the namespace "default" through the API. */
export const create = (page: Page, resource: string, body: object, group = ''): Promise<unknown> =>
  request(page, { verb: 'create', group, version: 'v1', resource, namespace: 'default', body: body as KubernetesObject });

/** Opens the page on a cluster of its own with the objects, time running. */
export async function openNetwork(page: Page, cluster: Partial<ScenarioCluster> = {}): Promise<void> {
  await openPage(page);
  await control(page, 'reset', { scenario: { objects: [scenario({ workers: 2, cni: 'calico', ...cluster })] as never, seed: 1 } });
  await control(page, 'setClock', { paused: false, speed: 'max' });
  await control(page, 'runUntilIdle', { limitSeconds: 60 });
  for (const [resource, object] of OBJECTS) await create(page, resource, object);
  await control(page, 'runUntilIdle', { limitSeconds: 60 });
  await control(page, 'setClock', { paused: false, speed: 1 });
}

/** The packet view. */
export const packets = (page: Page): Locator => page.getByRole('tabpanel', { name: /^(Packets|数据包)/ });

/** Sends a packet by the form. `to` is the option's text; a place that is typed goes in as it is. */
export async function send(page: Page, from: string, to: { place: string } | { typed: string }, port?: number): Promise<void> {
  const view = packets(page);
  const choose = (label: RegExp, option: string) => view.getByRole('combobox', { name: label }).selectOption({ label: option });
  await choose(/^(From|从)$/, from);
  if ('place' in to) await choose(/^(To|到)$/, to.place);
  else {
    await view.getByRole('combobox', { name: /^(To|到)$/ }).selectOption('typed');
    await view.getByRole('textbox', { name: /^(Name or address|名称或地址)$/ }).fill(to.typed);
  }
  if (port !== undefined) await view.getByRole('textbox', { name: /^(Port|端口)$/ }).fill(String(port));
  await view.getByRole('button', { name: /^(Send|发送)$/, exact: true }).click();
  await expect(view.getByRole('status')).toContainText(/1/);
}
