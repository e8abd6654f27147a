/**
 * What Apply, Dry run and Undo do with the manifests of a text. As kubectl: in order, a failure is noted and the rest goes on.
 * Everything that changed is kept with what it was before, so that the run can be taken back.
 */
import type { ApiResponse, RequestOptions } from '../../api/request.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { StatusError } from '../../apimachinery/status.ts';
import type { Status } from '../../apimachinery/status.ts';
import { targetNamespace } from '../../scenario/apply.ts';
import { definitionOf } from '../../scenario/apply-all.ts';
import type { Manifest } from '../../scenario/manifests.ts';
import type { ApiCall } from '../../worker/protocol.ts';
import { applyOne } from '../cluster/apply.ts';
import type { ApplyResult } from '../cluster/actions.ts';

/** Performs one request; rejects with a `StatusError`. */
export type Send = (request: ApiCall) => Promise<ApiResponse>;

/** What became of one manifest, with its place in the text. */
export interface RunResult extends ApplyResult {
  source: Pick<Manifest, 'document' | 'path' | 'line'>;
  /** "deployment.apps/web", as kubectl names it. */
  name: string;
}

/** A whole run. */
export interface Run {
  results: RunResult[];
  dryRun: boolean;
  /** Revision after the last change; absent when nothing was changed. */
  revision?: string;
}

/** How often a patch that met another writer is tried again (`maxPatchRetry` of kubectl). */
const MAX_TRIES = 5;

/** "deployment.apps/web" */
export function kubectlName({ apiVersion, kind, metadata }: KubernetesObject): string {
  const group = apiVersion.includes('/') ? `.${apiVersion.split('/', 1)[0] ?? ''}` : '';
  return `${kind.toLowerCase()}${group}/${metadata.name ?? metadata.generateName ?? ''}`;
}

async function applyWithRetry(send: Send, manifest: KubernetesObject, namespace: string, dryRun: boolean): Promise<ApplyResult> {
  for (let tries = 1; ; tries++) {
    try {
      return await applyOne(send, manifest, namespace, dryRun);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      if (error.reason === 'Conflict' && tries < MAX_TRIES) continue;
      return { manifest, outcome: 'failed', status: error.status, warnings: [] };
    }
  }
}

/** Applies the manifests in order. `onProgress` hears after each. */
export async function applyManifests(
  send: Send,
  manifests: readonly Manifest[],
  { namespace, dryRun = false, onProgress }: { namespace: string; dryRun?: boolean; onProgress?(done: number): void },
): Promise<Run> {
  const results: RunResult[] = [];
  let revision: string | undefined;
  for (const { object, document, path, line } of manifests) {
    const result = await applyWithRetry(send, object, namespace, dryRun);
    results.push({ ...result, name: kubectlName(result.object ?? object), source: { document, path, line } });
    if (!dryRun && (result.outcome === 'created' || result.outcome === 'configured')) revision = result.object?.metadata.resourceVersion;
    onProgress?.(results.length);
  }
  return { results, dryRun, ...(revision !== undefined && { revision }) };
}

/** What became of one object when a run was taken back. */
export interface UndoResult {
  name: string;
  outcome: 'deleted' | 'restored' | 'failed';
  status?: Status;
}

/** Takes a run back, last first: what it created is deleted, what it changed becomes what it was. */
export async function undoRun(send: Send, run: Run, namespace: string): Promise<UndoResult[]> {
  const results: UndoResult[] = [];
  for (const { outcome, before, object, name, manifest } of run.results.slice().reverse()) {
    if (outcome !== 'created' && outcome !== 'configured') continue;
    try {
      await (before ? restore(send, before) : remove(send, object ?? manifest, namespace));
      results.push({ name, outcome: before ? 'restored' : 'deleted' });
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      const gone = !before && error.reason === 'NotFound';
      results.push(gone ? { name, outcome: 'deleted' } : { name, outcome: 'failed', status: error.status });
    }
  }
  return results;
}

const FIELD_MANAGER: RequestOptions = { fieldManager: 'kubectl-edit' };

function coordinates(object: KubernetesObject, namespace: string): Pick<ApiCall, 'group' | 'version' | 'resource' | 'namespace' | 'name'> {
  const definition = definitionOf(object);
  const { group, version, plural } = definition;
  return { group, version, resource: plural, namespace: targetNamespace(definition, object, namespace), name: object.metadata.name };
}

async function remove(send: Send, object: KubernetesObject, namespace: string): Promise<void> {
  await send({ ...coordinates(object, namespace), verb: 'delete', options: { propagationPolicy: 'Background' } });
}

/** Puts the former object in place of whatever is there now; without a resource version, so that later status changes do not forbid it. */
async function restore(send: Send, before: KubernetesObject): Promise<void> {
  const { resourceVersion: _revision, managedFields: _fields, ...metadata } = before.metadata;
  await send({ ...coordinates(before, ''), verb: 'update', body: { ...before, metadata }, options: FIELD_MANAGER });
}

/** A field that the apiserver complained about. */
export interface FieldFault {
  /** "spec.containers[0].image"; "" when the message names none. */
  field: string;
  message: string;
}

/** The fields that a refusal names: the causes of an Invalid, the paths in a strict decoding error. */
export function faultsOfStatus(status: Status): FieldFault[] {
  const message = status.message ?? '';
  const causes = (status.details?.causes ?? []).filter(({ field }) => field);
  if (causes.length > 0)
    return causes.map(({ field = '', message: text = '' }) => ({ field, message: text ? `${field}: ${text}` : message }));
  const strict = [...message.matchAll(/(unknown|duplicate) field "((?:[^"\\]|\\.)*)"/g)];
  if (strict.length > 0) return strict.map(([text, , field = '']) => ({ field: field.replaceAll('\\"', '"'), message: text }));
  // "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32": the path has no list indices.
  const mistyped = /Go struct field \w+\.([\w.]+) of type/.exec(message)?.[1];
  return [{ field: mistyped ?? '', message }];
}

/** A field that a `Warning` names at its beginning: "spec.hostIPC is stored but not simulated", "unknown field "spec.foo"". */
export function fieldOfWarning(warning: string): string {
  const quoted = /field "([^"]+)"/.exec(warning)?.[1];
  return quoted ?? /^((?:spec|metadata|data|status|rules|subjects)[\w.[\]/-]*)[ :]/.exec(warning)?.[1] ?? '';
}
