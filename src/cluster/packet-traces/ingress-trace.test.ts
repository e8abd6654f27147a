/** A trace through an ingress controller: the proxy's own connection is followed too. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PacketTraceResource } from '../../api/kubarium/packet-trace.ts';
import type { PacketTrace } from '../../api/kubarium/packet-trace.ts';
import type { Sent } from '../../client/client.ts';
import { manifestsOf, User } from '../testing/user.ts';

const SCENARIO = readFileSync(join(import.meta.dirname, '../../content/scenarios/front-door.yaml'), 'utf8');

describe('a PacketTrace through an ingress controller', () => {
  it('shows where the proxy ends one connection and begins another', () => {
    const user = new User({ layout: { workers: 2 } });
    user.apply(manifestsOf(SCENARIO).filter(({ kind }) => kind !== 'Scenario'));
    user.wait(120);
    const [controller] = user.pods({}, 'ingress-nginx').filter(({ status }) => status?.phase === 'Running');
    const spec = {
      from: { external: true },
      to: { node: controller?.spec.nodeName },
      port: 80,
      http: { host: 'shop.example.com', path: '/coffee/hostname' },
    };
    user.client.create(PacketTraceResource, { metadata: { name: 'front', namespace: 'default' }, spec } as Sent<PacketTrace>);
    user.wait(1);
    const { status = {} } = user.client.get(PacketTraceResource, { namespace: 'default', name: 'front' });
    expect(status).toMatchObject({ verdict: 'Delivered', backendPod: expect.stringMatching(/^default\/coffee-/) as string });
    expect(status.message).toContain('HTTP 200');
    const proxy = status.hops?.find(({ kind }) => kind === 'proxy');
    expect(proxy).toMatchObject({ connection: 1, place: `pod ingress-nginx/${controller?.metadata.name ?? ''}` });
    expect(status.hops?.filter(({ connection }) => connection === 1).at(-1)?.message).toBe('the answer is with the proxy');
  });
});
