import { describe, expect, it } from 'vitest';
import { Catalogue } from './catalogue.ts';
import { parseReference } from './reference.ts';

const DIGEST = `sha256:${'a1'.repeat(32)}`;

describe('parseReference', () => {
  const valid: [text: string, full: string][] = [
    ['nginx', 'docker.io/library/nginx:latest'],
    ['nginx:1.25', 'docker.io/library/nginx:1.25'],
    ['bitnami/redis', 'docker.io/bitnami/redis:latest'],
    ['docker.io/nginx', 'docker.io/library/nginx:latest'],
    ['index.docker.io/library/nginx:x', 'docker.io/library/nginx:x'],
    ['registry.k8s.io/pause:3.9', 'registry.k8s.io/pause:3.9'],
    ['localhost/app', 'localhost/app:latest'],
    ['localhost:5000/a/b:v1', 'localhost:5000/a/b:v1'],
    [`nginx@${DIGEST}`, `docker.io/library/nginx@${DIGEST}`],
    [`nginx:1.25@${DIGEST}`, `docker.io/library/nginx:1.25@${DIGEST}`],
    ['gcr.io/google_samples/gb-redisslave:v1', 'gcr.io/google_samples/gb-redisslave:v1'],
  ];
  it.each(valid)('reads %s', (text, full) => {
    expect(parseReference(text)).toMatchObject({ full });
  });

  const invalid: [text: string, error: string][] = [
    ['Nginx', 'invalid reference format: repository name (library/Nginx) must be lowercase'],
    ['nginx:', 'invalid reference format'],
    ['nginx:a b', 'invalid reference format'],
    ['nginx@sha256:12', 'invalid reference format'],
    ['-x', 'invalid reference format'],
    ['', 'invalid reference format'],
    ['a//b', 'invalid reference format'],
  ];
  it.each(invalid)('refuses "%s"', (text, error) => {
    expect(parseReference(text)).toEqual({ error });
  });
});

describe('the catalogue', () => {
  const catalogue = new Catalogue();
  const answer = (text: string) => {
    const reference = parseReference(text);
    if ('error' in reference) return reference.error;
    const image = catalogue.resolve(reference);
    return typeof image === 'string' ? image : image.name;
  };

  it.each([
    'nginx',
    'nginx:1.25',
    'nginx:1.7.9',
    'nginx:1.27.3-alpine',
    'nginx:alpine',
    'httpd:2.4',
    'redis',
    'redis:alpine',
    'redis:7.2',
    'redis:5.0.4',
    'registry.k8s.io/redis:e2e',
    'gcr.io/google_samples/gb-redisslave:v1',
    'gcr.io/google_samples/gb-frontend:v4',
    'gcr.io/google-samples/gb-frontend:v5',
    'registry.k8s.io/guestbook:v3',
    'registry.k8s.io/redis-slave:v2',
    'mysql',
    'mysql:5.7',
    'mysql:8.0.36',
    'mariadb:11',
    'postgres:15-alpine',
    'postgres:16.2',
    'mongo:7',
    'dockersamples/examplevotingapp_vote',
    'dockersamples/examplevotingapp_result',
    'dockersamples/examplevotingapp_worker',
    'gcr.io/google-samples/cassandra:v14',
    'busybox',
    'busybox:1.36',
    'busybox:1.28',
    'alpine:3.20',
    'ubuntu:22.04',
    'debian:12-slim',
    'python:3.12-slim',
    'node:20-alpine',
    'golang:1.22',
    'wordpress:6.2.1-apache',
    'memcached:1.6',
    'rabbitmq:3.13-management',
    'elasticsearch:8.13.0',
    'hello-world',
    'gcr.io/google-samples/hello-app:1.0',
    'gcr.io/google-samples/hello-app:2.0',
    'registry.k8s.io/echoserver:1.4',
    'registry.k8s.io/e2e-test-images/agnhost:2.53',
    'gcr.io/google-samples/kubernetes-bootcamp:v1',
    'registry.k8s.io/pause:3.9',
    'registry.k8s.io/pause:3.10',
    'registry.k8s.io/etcd:3.5.21-0',
    'registry.k8s.io/kube-apiserver:v1.33.1',
    'registry.k8s.io/kube-proxy:v1.33.1',
    'registry.k8s.io/coredns/coredns:v1.12.0',
    'ghcr.io/flannel-io/flannel:v0.26.7',
    'kubarium/eater',
    'kubarium/large:1',
    'perl:5.34.0',
  ])('has %s', (image) => {
    expect(answer(image)).toContain('/');
  });

  it.each([
    ['nginx:1.25-typo', 'no such tag'],
    ['nginx:latestt', 'no such tag'],
    ['registry.k8s.io/pause:nope', 'no such tag'],
    ['nginxx', 'no such repository'],
    ['registry.k8s.io/nope:v1', 'no such repository'],
    ['registry.invalid/does-not-exist:v1', 'no such registry'],
  ])('has no %s', (image, why) => {
    expect(answer(image)).toBe(why);
  });

  it('learns new images, and finds them by digest', () => {
    catalogue.add({ repository: 'example.org/app', tags: 'v1', layers: [], userland: 'none' });
    expect(answer('example.org/app:v1')).toBe('example.org/app:v1');
    const image = catalogue.resolve({ repository: 'example.org/app', registry: 'example.org', tag: 'v1', digest: undefined, full: '' });
    expect(typeof image === 'object' && answer(image.imageRef)).toBe('example.org/app:v1');
  });
});
