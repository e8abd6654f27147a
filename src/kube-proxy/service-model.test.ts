import { describe, expect, it } from 'vitest';
import { ServiceModel } from './service-model.ts';
import { service, slice } from './testing/objects.ts';
import { categorizeEndpoints } from './topology.ts';

const NAME = 'default/web:http';
const HERE = { name: 'node-a', zone: 'z1' };

function setUp(...objects: (ReturnType<typeof service> | ReturnType<typeof slice>)[]) {
  const model = new ServiceModel();
  const told: string[] = [];
  for (const object of objects) {
    if (object.kind === 'Service') model.putService(object);
    else model.putSlice(object);
  }
  model.listen({ servicePortChanged: (name) => told.push(name), nodeChanged: (name) => told.push(name) });
  return { model, told };
}

const texts = (endpoints: readonly { text: string }[]) => endpoints.map(({ text }) => text);

describe('the model of Services', () => {
  it('sorts endpoints by their text, each once', () => {
    const { model } = setUp(service('web', '10.96.0.1'), slice('web', [{ ip: '10.0.0.3' }, { ip: '10.0.0.10' }, { ip: '10.0.0.3' }]));
    expect(texts(model.entries.get(NAME)?.endpoints ?? [])).toEqual(['10.0.0.10:8080', '10.0.0.3:8080']);
  });

  it('leaves out headless Services, aliases, and slices of other addresses', () => {
    const { model } = setUp(service('a', 'None'), service('b', '', { type: 'ExternalName' }), service('web', '10.96.0.1'), {
      ...slice('web', [{ ip: 'fd00::1' }]),
      addressType: 'IPv6',
    });
    expect([...model.entries.keys()]).toEqual([NAME]);
    expect(model.endpointCount).toBe(0);
  });

  it('joins ports to slices by name, also for two protocols of one number', () => {
    const ports = [
      { name: 'dns', protocol: 'UDP', port: 53 },
      { name: 'dns-tcp', protocol: 'TCP', port: 53 },
    ];
    const { model } = setUp(service('dns', '10.96.0.10', { ports }), slice('dns', [{ ip: '10.0.0.1' }], ports));
    expect(model.entries.get('default/dns:dns')).toMatchObject({ info: { protocol: 'udp' }, endpoints: [{ text: '10.0.0.1:53' }] });
    expect(model.entries.get('default/dns:dns-tcp')).toMatchObject({ info: { protocol: 'tcp' }, endpoints: [{ text: '10.0.0.1:53' }] });
  });

  it('tells only of the ports that a change concerns, and not of what changes nothing', () => {
    const { model, told } = setUp(service('web', '10.96.0.1'), service('other', '10.96.0.2'), slice('web', [{ ip: '10.0.0.1' }]));
    model.putSlice(slice('web', [{ ip: '10.0.0.1' }]));
    model.putService({ ...service('web', '10.96.0.1'), metadata: { ...service('web', '').metadata, labels: { a: 'b' } } });
    expect(told).toEqual([]);
    model.putSlice(slice('web', [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }]));
    expect(told).toEqual([NAME]);
    model.removeService('default/other');
    expect(told).toEqual([NAME, 'default/other:http']);
  });

  it('keeps the endpoints that stay, and the place of the Service', () => {
    const { model } = setUp(service('web', '10.96.0.1'), service('other', '10.96.0.2'), slice('web', [{ ip: '10.0.0.1' }]));
    const [before] = model.entries.get(NAME)?.endpoints ?? [];
    model.putSlice(slice('web', [{ ip: '10.0.0.1' }, { ip: '10.0.0.2' }]));
    expect(model.entries.get(NAME)?.endpoints[0]).toBe(before);
    expect([...model.entries.keys()]).toEqual([NAME, 'default/other:http']);
  });
});

describe('endpoints of a node', () => {
  const view = (endpoints: Parameters<typeof slice>[1], spec: Parameters<typeof service>[2] = {}) => {
    const { model } = setUp(service('web', '10.96.0.1', spec), slice('web', endpoints));
    const entry = model.entries.get(NAME)!;
    const { cluster, local, reachable, hasAny } = categorizeEndpoints(entry.endpoints, entry.info, HERE);
    return { cluster: texts(cluster), local: texts(local), reachable: texts(reachable).sort(), hasAny };
  };
  const dying = { ready: false, serving: true, terminating: true };

  it('uses those that end only when none is ready', () => {
    expect(view([{ ip: '10.0.0.1' }, { ip: '10.0.0.2', ...dying }]).cluster).toEqual(['10.0.0.1:8080']);
    expect(view([{ ip: '10.0.0.2', ...dying }]).cluster).toEqual(['10.0.0.2:8080']);
    expect(view([{ ip: '10.0.0.2', ...dying, serving: false }])).toMatchObject({ cluster: [], hasAny: false });
  });

  it('keeps Local traffic on the node, and decides for itself who ends', () => {
    const local = {
      type: 'NodePort',
      externalTrafficPolicy: 'Local',
      ports: [{ name: 'http', port: 80, protocol: 'TCP', nodePort: 30080 }],
    };
    const endpoints = [
      { ip: '10.0.0.1', node: 'node-a', ...dying },
      { ip: '10.0.0.2', node: 'node-b' },
    ];
    expect(view(endpoints, local)).toEqual({
      cluster: ['10.0.0.2:8080'],
      local: ['10.0.0.1:8080'],
      reachable: ['10.0.0.1:8080', '10.0.0.2:8080'],
      hasAny: true,
    });
    expect(view([{ ip: '10.0.0.2', node: 'node-b' }], { internalTrafficPolicy: 'Local' })).toEqual({
      cluster: [],
      local: [],
      reachable: [],
      hasAny: true,
    });
  });

  it('obeys hints when all ready endpoints have them and one is for this zone', () => {
    const near = { ip: '10.0.0.1', zones: ['z1'] };
    const far = { ip: '10.0.0.2', zones: ['z2'] };
    expect(view([near, far]).cluster).toEqual(['10.0.0.1:8080']);
    expect(view([far]).cluster).toEqual(['10.0.0.2:8080']);
    expect(view([near, far, { ip: '10.0.0.3' }]).cluster).toHaveLength(3);
  });
});
