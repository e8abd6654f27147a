import { describe, expect, it } from 'vitest';
import { deepFreeze } from '../apimachinery/freeze.ts';
import { DeploymentResource } from './apps/deployment.ts';
import { FaultResource } from './kubarium/fault.ts';
import { PodResource } from './core/pod.ts';
import { SecretResource } from './core/secret.ts';
import { checkBody } from './schema-check.ts';

const pod = (container: object) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a' },
  spec: { containers: [{ name: 'c', ...container }] },
});

describe('checkBody', () => {
  it('returns the same body when all is known', () => {
    const body = deepFreeze(pod({ image: 'nginx', resources: { limits: { cpu: '1' } } }));
    expect(checkBody(PodResource, body).body).toBe(body);
    expect(checkBody(PodResource, body)).toEqual({ body, warnings: [] });
  });

  it('drops unknown fields with a warning', () => {
    const { body, warnings } = checkBody(PodResource, { ...pod({ imagee: 'x', ports: [{ containerPort: 1, foo: 1 }] }), bar: 1 });
    expect(body).toEqual(pod({ ports: [{ containerPort: 1 }] }));
    expect(warnings).toEqual([
      'unknown field "spec.containers[0].imagee"',
      'unknown field "spec.containers[0].ports[0].foo"',
      'unknown field "bar"',
    ]);
  });

  it('refuses unknown fields in strict mode', () => {
    const body = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec: { replica: 1 } };
    expect(() => checkBody(DeploymentResource, body, 'Strict')).toThrow(
      'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: unknown field "spec.replica"',
    );
    expect(checkBody(DeploymentResource, body, 'Ignore').warnings).toEqual([]);
  });

  it.each([
    [{ image: 1 }, 'json: cannot unmarshal number into Go struct field Container.spec.containers.image of type string'],
    [{ ports: {} }, 'json: cannot unmarshal object into Go struct field Container.spec.containers.ports of type []v1.ContainerPort'],
    [
      { ports: [{ containerPort: '80' }] },
      'json: cannot unmarshal string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32',
    ],
    [
      { ports: [{ containerPort: 1.5 }] },
      'json: cannot unmarshal number 1.5 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32',
    ],
    [{ tty: 'yes' }, 'json: cannot unmarshal string into Go struct field Container.spec.containers.tty of type bool'],
    [
      { resources: [] },
      'json: cannot unmarshal array into Go struct field Container.spec.containers.resources of type v1.ResourceRequirements',
    ],
    [{ resources: { limits: { cpu: 'abc' } } }, 'quantities must match the regular expression'],
  ])('refuses %j', (container, text) => {
    expect(() => checkBody(PodResource, pod(container))).toThrow(`Pod in version "v1" cannot be handled as a Pod: ${text}`);
  });

  it('says the type of a wrong replica count', () => {
    expect(() => checkBody(DeploymentResource, { spec: { replicas: '3' } })).toThrow(
      'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    );
  });

  it('brings quantities into canonical form and drops nulls', () => {
    const { body } = checkBody(PodResource, pod({ resources: { limits: { cpu: 0.5, memory: '1024Mi' } }, args: null }));
    expect(body).toEqual(pod({ resources: { limits: { cpu: '500m', memory: '1Gi' } } }));
  });

  it('refuses data that is not base 64', () => {
    expect(() => checkBody(SecretResource, { data: { a: '???' } })).toThrow('illegal base64 data at input byte 0');
  });

  it('knows the kinds of kubarium.dev', () => {
    const { warnings } = checkBody(FaultResource, { metadata: { name: 'f' }, spec: { kind: 'NodeDown', nod: 'n' } });
    expect(warnings).toEqual(['unknown field "spec.nod"']);
  });
});
