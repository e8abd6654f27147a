/** POST serviceaccounts/{name}/token: a token that is bound to the account, and to a pod if one is named (`pkg/registry/core/serviceaccount/storage/token.go`). */
import { formatTime } from '../../apimachinery/durations.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { badRequest, invalid, invalidValue } from '../../apimachinery/status.ts';
import type { ApiResponse } from '../../api/request.ts';
import type { ServiceAccountTokens } from '../authentication/tokens.ts';
import { admitBody } from './admission.ts';
import type { Subresource, SubresourceCall } from './subresource.ts';

interface TokenRequest {
  metadata?: { name?: string; namespace?: string };
  spec?: { audiences?: string[] | null; expirationSeconds?: number; boundObjectRef?: { kind?: string; name?: string; uid?: string } };
}

const KIND = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest', schema: 'authentication.v1.TokenRequest' };
const DEFAULT_SECONDS = 3600;
const LEAST_SECONDS = 600;
const MOST_SECONDS = 2 ** 32;

/** The subresource, with what issues the tokens. */
export function tokenSubresource(tokens: ServiceAccountTokens): Subresource {
  return {
    resource: 'serviceaccounts',
    name: 'token',
    handle(call: SubresourceCall): ApiResponse | undefined {
      const { registry, request, server } = call;
      if (request.verb !== 'create') return undefined;
      const sent = (request.body ?? {}) as TokenRequest;
      const { metadata } = sent;
      const { namespace = '', name = '' } = request;
      if (metadata?.name && metadata.name !== name)
        throw badRequest(`name in URL does not match name in object: ${JSON.stringify(name)} != ${JSON.stringify(metadata.name)}`);
      const account = registry.get(namespace, name);
      refuseOutside(name, sent.spec?.expirationSeconds ?? DEFAULT_SECONDS);
      const { spec = {} } = admitBody(call, KIND, sent);
      const expirationSeconds = spec.expirationSeconds ?? DEFAULT_SECONDS;
      const { now } = registry.deps.sim;
      const expiresAt = now + expirationSeconds * 1000;
      const reference = spec.boundObjectRef;
      const pod = reference?.kind === 'Pod' ? server.registry('', 'pods').get(namespace, reference.name ?? '') : undefined;
      const token = tokens.issue({
        namespace,
        account: name,
        accountUid: account.metadata.uid,
        audiences: spec.audiences ?? [],
        issuedAt: now,
        expiresAt,
        ...(pod && { pod: { name: pod.metadata.name, uid: pod.metadata.uid } }),
      });
      const object = {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        metadata: { name, namespace, creationTimestamp: formatTime(now) },
        spec: {
          audiences: spec.audiences ?? ['https://kubernetes.default.svc.cluster.local'],
          expirationSeconds,
          boundObjectRef: reference ?? null,
        },
        status: { token, expirationTimestamp: formatTime(expiresAt) },
      };
      return { code: 201, object: object as unknown as KubernetesObject, warnings: [] };
    },
  };
}

function refuseOutside(name: string, seconds: number): void {
  const field = 'spec.expirationSeconds';
  if (seconds < LEAST_SECONDS)
    throw invalid('authentication.k8s.io', 'TokenRequest', name, [
      invalidValue(field, seconds, 'may not specify a duration less than 10 minutes'),
    ]);
  if (seconds > MOST_SECONDS)
    throw invalid('authentication.k8s.io', 'TokenRequest', name, [
      invalidValue(field, seconds, 'may not specify a duration larger than 2^32 seconds'),
    ]);
}
