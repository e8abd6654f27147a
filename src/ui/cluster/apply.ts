/** `kubectl apply` for one manifest over an asynchronous connection. Loaded on demand: it brings the field tables with it. */
import { decodeBody } from '../../api/decode.ts';
import type { ApiResponse, RequestOptions } from '../../api/request.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { hasReason } from '../../apimachinery/status.ts';
import { applyRequest, readRequest } from '../../scenario/apply.ts';
import { definitionOf } from '../../scenario/apply-all.ts';
import type { ApiCall } from '../../worker/protocol.ts';
import type { ApplyResult } from './actions.ts';

type Send = (request: ApiCall) => Promise<ApiResponse>;

/** Applies one manifest. Throws `StatusError`. */
export async function applyOne(send: Send, manifest: KubernetesObject, namespace: string, dryRun: boolean): Promise<ApplyResult> {
  const definition = definitionOf(manifest);
  const live = manifest.metadata.name ? await read(send, readRequest(definition, manifest, namespace)) : undefined;
  const options: RequestOptions = { fieldManager: 'kubectl-client-side-apply', fieldValidation: 'Strict', ...(dryRun && { dryRun }) };
  const request = applyRequest(definition, live, manifest, namespace);
  if (request === undefined) return { manifest, outcome: 'unchanged', before: live, object: live, warnings: [] };
  // Strict decoding looks at the whole object, which for a patch is the manifest that the patch was made from.
  const { body, warnings } = decodeBody({ ...request, verb: 'create', body: live ? manifest : request.body, options });
  const response = await send({ ...request, ...(live === undefined && { body }), options });
  return {
    manifest,
    outcome: live === undefined ? 'created' : 'configured',
    before: live,
    object: response.object as KubernetesObject,
    warnings: [...warnings, ...response.warnings],
  };
}

async function read(send: Send, request: ApiCall): Promise<KubernetesObject | undefined> {
  try {
    return (await send(request)).object as KubernetesObject;
  } catch (error) {
    if (hasReason(error, 'NotFound')) return undefined;
    throw error;
  }
}
