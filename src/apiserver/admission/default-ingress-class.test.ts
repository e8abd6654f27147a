import { describe, expect, it } from 'vitest';
import { IngressClassResource } from '../../api/networking/ingress-class.ts';
import { IngressResource } from '../../api/networking/ingress.ts';
import { startControlPlane } from '../../cluster/testing/control-plane.ts';

const DEFAULT = { 'ingressclass.kubernetes.io/is-default-class': 'true' };
const spec = { defaultBackend: { service: { name: 'web', port: { number: 80 } } } };

describe('an Ingress without a class', () => {
  it('gets the newest default class, unless it has the old annotation', () => {
    const { sim, client } = startControlPlane();
    const create = (name: string, annotations = {}) =>
      client.create(IngressResource, { metadata: { namespace: 'default', name, annotations }, spec }).spec.ingressClassName;
    expect(create('none')).toBeUndefined();
    const addClass = (name: string, annotations: Record<string, string>) =>
      client.create(IngressClassResource, { metadata: { name, annotations }, spec: { controller: 'example.com/x' } });
    addClass('plain', {});
    expect(create('still-none')).toBeUndefined();
    addClass('first', DEFAULT);
    sim.runUntil(sim.now + 2000);
    addClass('second', DEFAULT);
    expect(create('some')).toBe('second');
    expect(create('old', { 'kubernetes.io/ingress.class': 'nginx' })).toBeUndefined();
  });
});
