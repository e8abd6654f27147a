/**
 * Every active namespace gets its ServiceAccount "default" and the ConfigMap with the cluster's certificate authority
 * (`pkg/controller/serviceaccount/serviceaccounts_controller.go`, `pkg/controller/certificates/rootcacertpublisher`).
 */
import { ConfigMapResource } from '../../api/core/config-map.ts';
import { NamespaceResource } from '../../api/core/namespace.ts';
import { ServiceAccountResource } from '../../api/core/service-account.ts';
import type { Namespace } from '../../api/generated/types.ts';
import { deepEqual } from '../../apimachinery/freeze.ts';
import { hasReason } from '../../apimachinery/status.ts';
import type { Client } from '../../client/client.ts';
import { startController } from '../../client/controller.ts';
import { isNamespaceTerminating } from '../pod-control.ts';
import type { ControllerDeps } from '../deps.ts';

const DEFAULT_ACCOUNT = 'default';
const ROOT_CA = 'kube-root-ca.crt';
const DESCRIPTION =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

/** Starts the controller of default ServiceAccounts. */
export function startServiceAccountController(deps: ControllerDeps): void {
  const namespaces = deps.informers.informer(NamespaceResource);
  const accounts = deps.informers.informer(ServiceAccountResource);
  const controller = startController(deps.scope, 'namespaces', reconcile, [namespaces, accounts]);
  const enqueue = ({ metadata }: Namespace) => controller.enqueue(metadata.name);
  namespaces.addHandler({ add: enqueue, update: enqueue }, deps.scope);
  accounts.addHandler({ delete: ({ metadata }) => controller.enqueue(metadata.namespace ?? '') }, deps.scope);

  function reconcile(name: string): void {
    if (!isActive(namespaces.get(name)) || accounts.get(`${name}/${DEFAULT_ACCOUNT}`) !== undefined) return;
    createUnlessThere(() => deps.client.create(ServiceAccountResource, { metadata: { name: DEFAULT_ACCOUNT, namespace: name } }));
  }
}

/** Starts the publisher of the root certificate. `caBundle` answers its PEM text. */
export function startRootCaPublisher(deps: ControllerDeps, caBundle: () => string): void {
  const namespaces = deps.informers.informer(NamespaceResource);
  const configMaps = deps.informers.informer(ConfigMapResource);
  const controller = startController(deps.scope, 'namespaces', reconcile, [namespaces, configMaps]);
  const enqueue = ({ metadata }: Namespace) => controller.enqueue(metadata.name);
  const enqueueNamespaceOf = ({ metadata }: { metadata: { name: string; namespace?: string } }) => {
    if (metadata.name === ROOT_CA) controller.enqueue(metadata.namespace ?? '');
  };
  namespaces.addHandler({ add: enqueue, update: enqueue }, deps.scope);
  configMaps.addHandler({ update: enqueueNamespaceOf, delete: enqueueNamespaceOf }, deps.scope);

  function reconcile(namespace: string): void {
    if (isActive(namespaces.get(namespace))) publish(deps.client, namespace);
  }

  function publish(client: Client, namespace: string): void {
    const current = configMaps.get(`${namespace}/${ROOT_CA}`);
    const data = { 'ca.crt': caBundle() };
    const annotations = { 'kubernetes.io/description': DESCRIPTION };
    if (current === undefined) {
      createUnlessThere(() => client.create(ConfigMapResource, { metadata: { name: ROOT_CA, namespace, annotations }, data }));
    } else if (!deepEqual(current.data, data) || current.metadata.annotations?.['kubernetes.io/description'] === undefined) {
      client.update(ConfigMapResource, {
        ...current,
        metadata: { ...current.metadata, annotations: { ...current.metadata.annotations, ...annotations } },
        data,
      });
    }
  }
}

function isActive(namespace: Namespace | undefined): boolean {
  return namespace !== undefined && namespace.metadata.deletionTimestamp === undefined && namespace.status?.phase !== 'Terminating';
}

function createUnlessThere(create: () => unknown): void {
  try {
    create();
  } catch (error) {
    if (!hasReason(error, 'AlreadyExists') && !isNamespaceTerminating(error)) throw error;
  }
}
