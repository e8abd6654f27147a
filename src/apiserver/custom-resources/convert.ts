/**
 * Versions of a custom resource: strategy None changes nothing but the apiVersion, strategy Webhook asks a server
 * (`k8s.io/apiextensions-apiserver/pkg/apiserver/conversion`). Differs: a list is converted object by object, not in one ConversionReview.
 */
import { deepEqual } from '../../apimachinery/freeze.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { StatusError } from '../../apimachinery/status.ts';
import type { CustomResourceDefinition, CustomResourceDefinitionVersion } from '../../api/generated/types.ts';
import type { ResourceDefinition } from '../../api/resource.ts';
import type { WebhookCaller } from '../policy/webhook-caller.ts';
import { webhookUrl } from '../policy/webhook-caller.ts';
import type { VersionConversion } from '../versions/conversion.ts';
import { readAs } from './definition.ts';

const TIMEOUT_MS = 30_000;

/** The way between one version and the stored one. */
export function conversionOf(
  definition: CustomResourceDefinition,
  kind: ResourceDefinition,
  version: CustomResourceDefinitionVersion,
  stored: CustomResourceDefinitionVersion,
  caller: WebhookCaller | undefined,
): VersionConversion {
  const { group } = definition.spec;
  return {
    definition: kind,
    storedGroup: group,
    toStored: (object) => converted(definition, object, `${group}/${stored.name}`, caller),
    fromStored: (object) => readAs(converted(definition, object, `${group}/${version.name}`, caller), version),
  };
}

function converted(
  definition: CustomResourceDefinition,
  object: KubernetesObject,
  apiVersion: string,
  caller: WebhookCaller | undefined,
): KubernetesObject {
  if (object.apiVersion === apiVersion) return object;
  const { conversion } = definition.spec;
  if (conversion?.strategy !== 'Webhook') return { ...object, apiVersion };
  return askWebhook(definition, object, apiVersion, caller);
}

function askWebhook(
  { spec }: CustomResourceDefinition,
  object: KubernetesObject,
  desiredAPIVersion: string,
  caller: WebhookCaller | undefined,
): KubernetesObject {
  const { clientConfig = {} } = spec.conversion?.webhook ?? {};
  const failed = (why: string) =>
    new StatusError(500, 'InternalError', `conversion webhook for ${object.apiVersion}, Kind=${object.kind} failed: ${why}`, {});
  const uid = object.metadata.uid ?? '';
  const request = { uid, desiredAPIVersion, objects: [object] };
  const answer = caller?.post(clientConfig, { apiVersion: 'apiextensions.k8s.io/v1', kind: 'ConversionReview', request }, TIMEOUT_MS) ?? {
    error: `Post ${JSON.stringify(webhookUrl(clientConfig, TIMEOUT_MS))}: no network to call webhooks over`,
  };
  if ('error' in answer) throw failed(answer.error);
  const { response } = (answer.body ?? {}) as { response?: ConversionResponse };
  if (response === undefined) throw failed('no response provided');
  if (response.uid !== uid) throw failed(`response.uid does not match request.uid`);
  if (response.result?.status !== 'Success') throw failed(response.result?.message ?? 'response.result.status was empty');
  const [made, ...more] = response.convertedObjects ?? [];
  if (made === undefined || more.length > 0) throw failed(`expected 1 converted objects, got ${response.convertedObjects?.length ?? 0}`);
  if (made.apiVersion !== desiredAPIVersion)
    throw failed(`expected converted object at index 0 to have apiVersion ${desiredAPIVersion}, got ${made.apiVersion}`);
  // Only labels and annotations of the metadata may change.
  const { labels: _labels, annotations: _annotations, ...metadata } = object.metadata;
  const { labels: newLabels, annotations: newAnnotations, ...newMetadata } = made.metadata;
  if (!deepEqual(metadata, newMetadata)) throw failed('must not change metadata other than labels and annotations');
  const changed = { ...metadata, ...(newLabels && { labels: newLabels }), ...(newAnnotations && { annotations: newAnnotations }) };
  return { ...made, metadata: changed };
}

interface ConversionResponse {
  uid?: string;
  result?: { status?: string; message?: string };
  convertedObjects?: KubernetesObject[];
}
