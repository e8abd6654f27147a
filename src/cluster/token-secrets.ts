/**
 * Fills Secrets of type kubernetes.io/service-account-token, and removes them when their account goes
 * (`k8s.io/kubernetes/pkg/controller/serviceaccount/tokens_controller.go`). It stands here because it holds the key that signs.
 */
import { encodeBase64 } from '../apimachinery/base64.ts';
import { ConfigMapResource } from '../api/core/config-map.ts';
import { SecretResource } from '../api/core/secret.ts';
import { ServiceAccountResource } from '../api/core/service-account.ts';
import type { Secret } from '../api/generated/types.ts';
import { keyOf } from '../apimachinery/meta.ts';
import type { ServiceAccountTokens } from '../apiserver/authentication/tokens.ts';
import type { Client } from '../client/client.ts';
import { startController } from '../client/controller.ts';
import { InformerFactory } from '../client/informer.ts';
import type { TaskScope } from '../sim/task-scope.ts';

const TYPE = 'kubernetes.io/service-account-token';
const ACCOUNT = 'kubernetes.io/service-account.name';
const ACCOUNT_UID = 'kubernetes.io/service-account.uid';

/** Starts the controller. */
export function startTokenSecrets(scope: TaskScope, client: Client, tokens: ServiceAccountTokens): void {
  const informers = new InformerFactory(scope, client);
  const secrets = informers.informer(SecretResource);
  const accounts = informers.informer(ServiceAccountResource);
  const controller = startController(scope, 'secrets', reconcile, [secrets, accounts]);
  const enqueue = (secret: Secret) => {
    if (secret.type === TYPE) controller.enqueue(keyOf(secret));
  };
  secrets.addHandler({ add: enqueue, update: enqueue }, scope);
  const enqueueOf = ({ metadata }: { metadata: { name: string; namespace?: string } }) => {
    for (const secret of secrets.list()) {
      if (secret.metadata.namespace === metadata.namespace && secret.metadata.annotations?.[ACCOUNT] === metadata.name) enqueue(secret);
    }
  };
  accounts.addHandler({ add: enqueueOf, delete: enqueueOf }, scope);
  informers.start();

  function reconcile(key: string): undefined {
    const secret = secrets.get(key);
    const { namespace = '', annotations = {} } = secret?.metadata ?? {};
    const name = annotations[ACCOUNT];
    if (secret === undefined || secret.type !== TYPE || name === undefined) return undefined;
    const account = accounts.get(`${namespace}/${name}`);
    const uid = annotations[ACCOUNT_UID];
    if (account === undefined || (uid !== undefined && uid !== account.metadata.uid)) {
      if (uid !== undefined) client.delete(SecretResource, secret.metadata, { preconditions: { uid: secret.metadata.uid } });
      return undefined;
    }
    if (secret.data?.['token'] && secret.data['ca.crt'] && uid !== undefined) return undefined;
    const bundle = client.find(ConfigMapResource, { namespace, name: 'kube-root-ca.crt' })?.data?.['ca.crt'] ?? '';
    const token = tokens.issue({ namespace, account: name, accountUid: account.metadata.uid, audiences: [], issuedAt: scope.now });
    const data = { ...secret.data, token: encodeBase64(token), 'ca.crt': encodeBase64(bundle), namespace: encodeBase64(namespace) };
    client.update(SecretResource, {
      ...secret,
      metadata: { ...secret.metadata, annotations: { ...annotations, [ACCOUNT_UID]: account.metadata.uid } },
      data,
    });
    return undefined;
  }
}
