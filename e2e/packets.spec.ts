/** The packet view: what a packet meets on its way, by mouse and by keyboard, under every proxy mode, and why it does not arrive. */
import { control } from './support/cluster.ts';
import { create, DENY, openNetwork, packets, send } from './support/network.ts';
import { expect, test } from './support/test.ts';

test('a packet is followed to a cluster address, iptables and IPVS side by side, step by step', async ({ page }) => {
  await page.setViewportSize({ width: 1600, height: 900 });
  await openNetwork(page);
  await page.keyboard.press('2');
  await send(page, 'client', { place: 'svc/web' });
  const view = packets(page);
  await expect(view).toContainText('Answered by default/web · 10.244.');
  await expect(view).toContainText(/iptables\s*\d+ comparisons, \d+ look-ups/);
  await expect(view).toContainText(/ipvs\s*\d+ comparisons, \d+ look-ups/);

  // The path: one tab stop, arrows move, the address line follows.
  const path = view.getByRole('listbox', { name: 'Path' });
  await path.focus();
  await page.keyboard.press('Home');
  await expect(view.getByRole('status')).toHaveText(/^Step 1 of \d+$/);
  const translated = path.getByRole('option').filter({ hasText: /PREROUTING.*destination/ });
  for (let pressed = 0; pressed < 20 && (await translated.first().getAttribute('aria-selected')) !== 'true'; pressed++)
    await page.keyboard.press('ArrowDown');
  await expect(translated.first()).toHaveAttribute('aria-selected', 'true');
  await expect(view.locator('ins').first()).toHaveText(/^10\.244\./);
  await page.keyboard.press('End');
  await expect(path.getByRole('option').last()).toHaveAttribute('aria-selected', 'true');
  await expect(path).toContainText('The answer');

  // Why this rule? Its Service opens in the inspector.
  await translated.first().click();
  await view.getByRole('button', { name: 'Why this rule?' }).click();
  const why = view.getByRole('region', { name: 'Why this rule?' });
  await expect(why).toContainText('one rule here for each port of each Service');
  await expect(why).toContainText(/KUBE-SVC-\w+/);
  await why.getByRole('button', { name: 'Service default/web' }).first().click();
  await expect(page.getByRole('complementary', { name: 'Right dock' }).getByRole('heading', { name: 'web', exact: true })).toBeVisible();

  // The same packet under IPVS, and the text that says it all.
  await view
    .getByRole('button', { name: 'Under ipvs' })
    .or(view.getByRole('heading', { name: 'Under ipvs' }))
    .first()
    .click();
  await expect(view.getByRole('region', { name: 'Under ipvs' })).toContainText(/Virtual server .*10\.\d+\.\d+\.\d+:80/);
  await view.getByRole('button', { name: 'Text', exact: true }).click();
  const rows = view.getByRole('table').getByRole('row');
  const steps = Number(/of (\d+)/.exec((await view.getByRole('status').textContent()) ?? '')?.[1]);
  await expect(rows).toHaveCount(steps + 1);
  await expect(view.getByRole('table')).toContainText(/nat KUBE-SERVICES \d+ ✓ .*--dport 80 .*jump KUBE-SVC-/);
});

test('a node port from outside, a headless Service and an external name have ways of their own', async ({ page }) => {
  await openNetwork(page);
  await page.keyboard.press('2');
  const view = packets(page);
  await send(page, 'a client outside the cluster', { place: 'node-1' }, 30_080);
  await expect(view).toContainText('Answered by default/web');
  await expect(view.getByRole('listbox', { name: 'Path' })).toContainText('external');
  await send(page, 'client', { typed: 'headless.default.svc.cluster.local' }, 80);
  await expect(view).toContainText('Answered by default/web');
  await view.getByText(/^DNS first/).click();
  await expect(view).toContainText(/A headless\.default\.svc\.cluster\.local.* NOERROR/);
  await send(page, 'client', { typed: 'elsewhere.default.svc.cluster.local' }, 80);
  await expect(view).toContainText('Answered by default/web');

  // Many at once, from everywhere, and the cost.
  await send(page, 'client', { place: 'svc/web' });
  await view.getByRole('button', { name: 'Send 100' }).click();
  await expect(view.getByRole('table', { name: 'Where 100 connections went' })).toContainText('100 (100 %)');
  await view.getByRole('button', { name: 'Matrix' }).click();
  await view.getByRole('button', { name: 'Send from every Pod' }).click();
  await expect(view.getByRole('row').filter({ hasText: 'default/client' })).toContainText('✓ Delivered');
  await view.getByRole('button', { name: 'Cost' }).click();
  await expect(view.getByRole('row').filter({ hasText: '20,003' })).toHaveCount(1);
});

test('a policy that denies is named with the repair; one that nobody enforces is said to do nothing', async ({ page }) => {
  await openNetwork(page);
  await create(page, 'networkpolicies', DENY, 'networking.k8s.io');
  await control(page, 'runUntilIdle', { limitSeconds: 10 });
  await page.keyboard.press('2');
  const view = packets(page);
  await send(page, 'client', { place: 'svc/web' });
  await expect(view).toContainText('Dropped: NetworkPolicy default/deny does not allow it');
  await expect(view).toContainText('Shortest repair: kubectl -n default edit networkpolicy deny');
  await view.getByRole('button', { name: 'NetworkPolicy default/deny' }).first().click();
  await expect(page.getByRole('complementary', { name: 'Right dock' }).getByRole('heading', { name: 'deny' })).toBeVisible();
  await view.getByRole('listbox', { name: 'Path' }).focus();
  await page.keyboard.press('End');
  await expect(view.getByRole('status')).toHaveText(/^Step (\d+) of \1$/);

  await openNetwork(page, { cni: 'flannel-vxlan' });
  await create(page, 'networkpolicies', DENY, 'networking.k8s.io');
  await control(page, 'runUntilIdle', { limitSeconds: 10 });
  await send(page, 'client', { place: 'svc/web' });
  await expect(view).toContainText('Answered by default/web');
  await expect(view).toContainText('NetworkPolicy default/deny selects the pod, but flannel-vxlan does not enforce policies');
  await expect(view.getByRole('listbox', { name: 'Path' })).toContainText('flannel.1');
});

test('the proxy mode changes while the cluster runs, and can be taken back', async ({ page }) => {
  await openNetwork(page);
  await page.keyboard.press('2');
  const view = packets(page);
  const mode = view.getByRole('combobox', { name: 'Proxy mode' });
  await send(page, 'client', { place: 'svc/web' });
  await expect(view).toContainText(/iptables\s*\d+ comparisons/);
  for (const next of ['ipvs', 'nftables']) {
    await mode.selectOption(next);
    await expect(page.getByText(`kube-proxy goes over to mode ${next}.`).first()).toBeVisible();
    await control(page, 'runUntilIdle', { limitSeconds: 60 });
    await send(page, 'client', { place: 'svc/web' });
    await expect(view.getByRole('heading', { name: `Rules: ${next}` })).toBeAttached();
    await expect(view).toContainText('Answered by default/web');
  }
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Undo' }).first().click();
  await expect(mode).toHaveValue('ipvs');
});

test('a Service without pods says so before anything is sent, and links lead here and on', async ({ page }) => {
  await openNetwork(page);
  await page.keyboard.press('2');
  const view = packets(page);
  await expect(view.getByRole('button', { name: /^Send a packet: default\/client → svc\/default\/\w+/ })).toBeVisible();
  await view.getByRole('combobox', { name: 'To', exact: true }).selectOption({ label: 'svc/mistyped' });
  await expect(view.getByRole('note')).toContainText('selects app=wep; 0 pods match, so nobody can answer.');
  await expect(view.getByRole('note')).toContainText('1 pod has app=web.');
  await view.getByRole('button', { name: 'Service default/mistyped' }).click();
  const more = page.getByRole('complementary', { name: 'Right dock' }).getByRole('navigation', { name: 'More about it' });
  await more.getByRole('button', { name: 'History in the store' }).click();
  await expect(page.getByRole('heading', { name: '/registry/services/specs/default/mistyped' })).toBeVisible();
  await more.getByRole('button', { name: 'Who did what' }).click();
  await expect(page.getByRole('listbox', { name: /^Requests/ })).toContainText('create services default/mistyped');
  await more.getByRole('button', { name: 'Send a packet to it' }).click();
  await expect(view.getByRole('combobox', { name: 'To', exact: true })).toHaveValue('service/default/mistyped');
  await view.getByRole('button', { name: 'Send', exact: true }).click();
  await expect(view).toContainText(/^.*(Rejected|Refused)/);
});
