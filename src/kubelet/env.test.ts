import { describe, expect, it } from 'vitest';
import type { Container, Pod } from '../api/generated/types.ts';
import { containerEnvironment } from './env.ts';
import type { EnvContext } from './env.ts';

const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'ns', uid: 'u' },
  spec: { nodeName: 'n1', containers: [] },
} as unknown as Pod;
const configMaps: Record<string, Record<string, string>> = { settings: { COLOR: 'blue', 'bad=key': 'x' } };
const skipped: string[] = [];

const context: EnvContext = {
  pod,
  runtime: { podIP: '10.1.2.3' },
  services: [
    { name: 'KUBERNETES_PORT', value: 'tcp://10.96.0.1:443' },
    { name: 'A', value: 'from the service' },
  ],
  config: {
    configMapData: (_namespace, name) => configMaps[name],
    secretData: (_namespace, name) => (name === 's' ? { user: 'me' } : undefined),
  },
  allocatable: { milliCpu: 4000, memoryBytes: 1024 },
  onInvalidNames: (message) => skipped.push(message),
};

const env = (container: Partial<Container>) => containerEnvironment({ name: 'c', ...container }, context);

describe('a container environment', () => {
  it('shares the service variables when the container has none of its own', () => {
    expect(env({})).toBe(context.services);
  });

  it('expands earlier variables and services, and lets env win over envFrom and services', () => {
    const variables = env({
      envFrom: [{ configMapRef: { name: 'settings' }, prefix: 'X_' }],
      env: [
        { name: 'A', value: '$(X_COLOR) $(KUBERNETES_PORT) $(NOPE) $$(X_COLOR)' },
        { name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
        { name: 'X_COLOR', value: 'red' },
        { name: 'CPU', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
        { name: 'USER', valueFrom: { secretKeyRef: { name: 's', key: 'user' } } },
        { name: 'NONE', valueFrom: { secretKeyRef: { name: 'absent', key: 'k', optional: true } } },
      ],
    });
    expect(variables).toEqual([
      { name: 'X_COLOR', value: 'red' },
      { name: 'A', value: 'blue tcp://10.96.0.1:443 $(NOPE) $(X_COLOR)' },
      { name: 'IP', value: '10.1.2.3' },
      { name: 'CPU', value: '4' },
      { name: 'USER', value: 'me' },
      { name: 'KUBERNETES_PORT', value: 'tcp://10.96.0.1:443' },
    ]);
    expect(skipped).toEqual([
      'Keys [X_bad=key] from the EnvFrom configMap ns/settings were skipped since they are considered invalid environment variable names.',
    ]);
  });

  it.each([
    [
      { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'size' } } }] },
      "couldn't find key size in ConfigMap ns/settings",
    ],
    [{ env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] }, "couldn't find key k in Secret ns/s"],
    [{ env: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'absent', key: 'k' } } }] }, 'secret "absent" not found'],
    [{ envFrom: [{ configMapRef: { name: 'absent' } }] }, 'configmap "absent" not found'],
  ])('says what is missing: %j', (container, message) => {
    expect(() => env(container)).toThrow(message);
  });
});
