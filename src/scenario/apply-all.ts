/** Applies many manifests in order, as `kubectl apply -f` does: a failure is noted and the rest goes on. */
import { apiVersionOf } from '../api/resource.ts';
import type { KubernetesObject } from '../apimachinery/meta.ts';
import { hasReason, StatusError } from '../apimachinery/status.ts';
import type { Status } from '../apimachinery/status.ts';
import { ALL_RESOURCES } from '../api/index.ts';
import type { ApiResponse } from '../api/request.ts';
import type { ResourceDefinition } from '../api/resource.ts';
import { decodeBody } from '../api/decode.ts';
import { applyRequest, readRequest } from './apply.ts';
import type { UnsignedRequest } from './apply.ts';
import { withoutConsent } from './consent.ts';

/** What became of one manifest. */
export interface Applied {
  manifest: KubernetesObject;
  outcome: 'created' | 'configured' | 'unchanged' | 'failed';
  status?: Status;
  warnings: readonly string[];
}

/** The definition of a manifest's kind. Throws 404 with kubectl's text when the cluster does not serve it. */
export function definitionOf({ apiVersion, kind }: KubernetesObject): ResourceDefinition {
  const found = ALL_RESOURCES.find((resource) => resource.kind === kind && apiVersionOf(resource) === apiVersion);
  if (found !== undefined) return found;
  const message = `resource mapping not found: no matches for kind "${kind}" in version "${apiVersion}"\nensure CRDs are installed first`;
  throw new StatusError(404, 'NotFound', message);
}

/**
 * Applies all; `send` performs one request. Consent to run a SchedulerPlugin is left out: these manifests come from links, files and steps of
 * scenarios, and applying one twice would otherwise be an update that approves.
 */
export function applyAll(
  manifests: readonly KubernetesObject[],
  send: (request: UnsignedRequest) => ApiResponse,
  namespace = 'default',
): Applied[] {
  return manifests.map((manifest) => applyOne(withoutConsent(manifest), send, namespace));
}

function applyOne(manifest: KubernetesObject, send: (request: UnsignedRequest) => ApiResponse, namespace: string): Applied {
  try {
    const definition = definitionOf(manifest);
    const live = manifest.metadata.name ? read(definition, manifest, send, namespace) : undefined;
    const request = applyRequest(definition, live, manifest, namespace);
    if (request === undefined) return { manifest, outcome: 'unchanged', warnings: [] };
    const { body, warnings } = decodeBody(request);
    const response = send({ ...request, body });
    return { manifest, outcome: live === undefined ? 'created' : 'configured', warnings: [...warnings, ...response.warnings] };
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return { manifest, outcome: 'failed', status: error.status, warnings: [] };
  }
}

function read(
  definition: ResourceDefinition,
  manifest: KubernetesObject,
  send: (request: UnsignedRequest) => ApiResponse,
  namespace: string,
): KubernetesObject | undefined {
  try {
    return send(readRequest(definition, manifest, namespace)).object as KubernetesObject;
  } catch (error) {
    if (hasReason(error, 'NotFound')) return undefined;
    throw error;
  }
}
