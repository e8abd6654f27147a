/**
 * Gives every model its name in Kubernetes' OpenAPI document ("io.k8s.api.core.v1.PodSpec"), which client-node drops.
 * A type belongs to the group whose resources reach it first; core goes first, since other groups refer to it and not the reverse.
 * Types of meta/v1 are known by name, from the package kubernetes-types.
 */
import fs from 'node:fs';
import { kindOf, referencesOf, versionOf } from './models.ts';
import type { Model } from './models.ts';
import type { Resource } from './resources.ts';

/** A kind as clients name it. */
export interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}

/** What is known about names: the full name of each model, and the group, version and kind of those that are resources. */
export interface Names {
  full: Map<string, string>;
  gvk: Map<string, GroupVersionKind>;
}

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** Types of meta/v1 that are newer than kubernetes-types 1.30. */
const NEWER_META_TYPES = ['ShardInfo', 'GroupResource', 'FieldSelectorRequirement'];

/** Resources whose object belongs to another group than their path. */
const FOREIGN_KINDS: [test: (resource: Resource, kind: string) => boolean, group: string, version: string][] = [
  [(resource, kind) => resource.name.includes('/') && kind === 'Scale', 'autoscaling', 'v1'],
  [(resource) => resource.name.endsWith('/eviction'), 'policy', 'v1'],
  [(resource) => resource.name.endsWith('/token'), 'authentication.k8s.io', 'v1'],
];

/** Names all models. */
export function nameModels(models: ReadonlyMap<string, Model>, resources: Iterable<Resource>, kubernetesTypes: string): Names {
  const metaTypes = new Set(NEWER_META_TYPES);
  const metaSource = fs.readFileSync(`${kubernetesTypes}/meta/v1.d.ts`, 'utf8');
  for (const match of metaSource.matchAll(/export (?:interface|type) (\w+)/g)) metaTypes.add(match[1] ?? '');

  const names: Names = { full: new Map(), gvk: new Map() };
  const assign = (name: string, group: string, version: string): void => {
    const model = models.get(name);
    if (!model || names.full.has(name)) return;
    names.full.set(name, fullName(name, group, version, metaTypes));
    for (const attribute of model.attributes)
      for (const reference of referencesOf(attribute.type, models)) assign(reference, group, version);
  };
  for (const resource of coreFirst(resources)) {
    for (const model of [resource.kind, resource.listKind]) {
      if (!model || !models.has(model)) continue;
      const kind = kindOf(model);
      const foreign = FOREIGN_KINDS.find(([test]) => test(resource, kind));
      assign(model, foreign?.[1] ?? resource.group, foreign?.[2] ?? versionOf(model) ?? resource.version);
      if (!resource.name.includes('/')) names.gvk.set(model, { group: resource.group, version: resource.version, kind });
    }
  }
  assign('V1DeleteOptions', '', 'v1'); // only ever a request body
  return names;
}

function coreFirst(resources: Iterable<Resource>): Resource[] {
  const rank = (resource: Resource): string => (resource.group === '' ? '' : `1${resource.group}`);
  return [...resources].sort((a, b) => (rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0));
}

function fullName(model: string, group: string, fallbackVersion: string, metaTypes: ReadonlySet<string>): string {
  if (model === 'VersionInfo') return 'io.k8s.apimachinery.pkg.version.Info';
  const kind = kindOf(model);
  const version = versionOf(model);
  const isMeta = metaTypes.has(kind) && (version === 'v1' || version === undefined) && !/^(Core|Events)/.test(model);
  return isMeta ? `${META}.${kind}` : `${packageOf(group, version ?? fallbackVersion)}.${kind}`;
}

function packageOf(group: string, version: string): string {
  if (group === 'apiextensions.k8s.io') return `io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.${version}`;
  if (group === 'apiregistration.k8s.io') return `io.k8s.kube-aggregator.pkg.apis.apiregistration.${version}`;
  return `io.k8s.api.${shortGroup(group)}.${version}`;
}

function shortGroup(group: string): string {
  if (group === '') return 'core';
  const first = group.split('.')[0] ?? group;
  return first === 'internal' ? 'apiserverinternal' : first;
}
