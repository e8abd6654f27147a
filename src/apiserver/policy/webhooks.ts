/**
 * Admission webhooks (`k8s.io/apiserver/pkg/admission/plugin/webhook/{generic,mutating,validating,request,errors}`).
 * Differs: upstream calls validating webhooks at the same time and answers with whichever refusal comes first; here they are called one after the other.
 */
import { RUNTIME_BUDGET } from '../../apimachinery/cel/environment.ts';
import { decodeBase64Text } from '../../apimachinery/base64.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import { applyJsonPatch } from '../../apimachinery/patch/json-patch.ts';
import type { Json } from '../../apimachinery/patch/schema.ts';
import { StatusError } from '../../apimachinery/status.ts';
import type { Status } from '../../apimachinery/status.ts';
import {
  MutatingWebhookConfigurationResource,
  ValidatingWebhookConfigurationResource,
} from '../../api/admissionregistration/webhook-configurations.ts';
import type { MutatingWebhook, ValidatingWebhook } from '../../api/generated/types.ts';
import { checkBody } from '../../api/schema-check.ts';
import type { AdmissionNote, AdmissionRequest } from '../admission/admission.ts';
import { AdmissionVariables, requestObject } from './admission-expressions.ts';
import { compiledConditions } from './compiled-policies.ts';
import type { PolicyDependencies } from './engine.ts';
import { isExempt, namespaceMatches, objectMatches, ruleMatches } from './matching.ts';
import { conditionsHold } from './validating-policies.ts';
import { webhookUrl } from './webhook-caller.ts';

type Webhook = MutatingWebhook | ValidatingWebhook;

/** The part of an AdmissionReview that a webhook writes. */
interface ReviewResponse {
  uid?: string;
  allowed?: boolean;
  status?: Partial<Status>;
  patch?: string;
  patchType?: string;
  warnings?: string[];
  auditAnnotations?: Record<string, string>;
}

const KIND = 'admission.k8s.io/v1, Kind=AdmissionReview';
/** What a request waits for one webhook when it says nothing (`SetDefaults`). */
const DEFAULT_TIMEOUT_S = 10;

/** The outcome of calling one webhook: what it answered, or why there is no answer. */
type Called = { readonly response: ReviewResponse } | { readonly failure: string };

/** Calls all mutating webhooks; `inTree` runs the apiserver's own plugins again over what they made. */
export function mutateByWebhooks(
  request: AdmissionRequest,
  object: KubernetesObject,
  deps: PolicyDependencies,
  inTree: (object: KubernetesObject) => KubernetesObject,
): KubernetesObject {
  if (isExempt(request)) return object;
  const hooks = request.reader.list(MutatingWebhookConfigurationResource).flatMap(({ webhooks = [] }) => webhooks);
  /** Webhooks that want to see what others made of the object after them. */
  const again = new Set<MutatingWebhook>();
  const reinvoke = new Set<MutatingWebhook>();
  let current = object;
  for (const hook of hooks) {
    const called = callMutating({ ...request, object: current }, hook, deps);
    if (called === undefined) continue;
    if (called !== current) {
      for (const earlier of again) reinvoke.add(earlier);
      current = called;
    }
    if (hook.reinvocationPolicy === 'IfNeeded') again.add(hook);
  }
  if (current === object) return object;
  // A second round: the apiserver's own plugins, and the webhooks that asked for it when something has changed since they were called.
  const mended = inTree(current);
  if (mended !== current) for (const hook of again) reinvoke.add(hook);
  current = mended;
  for (const hook of hooks) if (reinvoke.has(hook)) current = callMutating({ ...request, object: current }, hook, deps) ?? current;
  return current;
}

/** The object after one webhook; undefined when it was not called. */
function callMutating(request: AdmissionRequest, hook: MutatingWebhook, deps: PolicyDependencies): KubernetesObject | undefined {
  if (!isCalled(request, hook, deps)) return undefined;
  const { object } = request;
  const called = call(request, hook, deps);
  const response = answerOf(called, hook);
  if (response === undefined) return object;
  heed(request, hook, response);
  if (response.patch === undefined || response.patch === '') return object;
  if (response.patchType !== 'JSONPatch')
    throw callFailed(hook, 'received invalid webhook response: webhook returned response.patch but not response.patchType');
  if (object === undefined)
    throw internal(
      `admission webhook ${JSON.stringify(hook.name)} attempted to modify the object, which is not supported for this operation`,
    );
  return patched(request, object, hook, response.patch);
}

function patched(
  { resource, bodyKind }: AdmissionRequest,
  object: KubernetesObject,
  hook: MutatingWebhook,
  patch: string,
): KubernetesObject {
  let operations: Json;
  try {
    operations = JSON.parse(decodeBase64Text(patch) ?? '') as Json;
  } catch (error) {
    throw callFailed(hook, `received undecodable patch in webhook response: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!Array.isArray(operations) || operations.length === 0) return object;
  let next: KubernetesObject;
  try {
    next = applyJsonPatch(object as unknown as Json, operations) as unknown as KubernetesObject;
  } catch (error) {
    throw internal(error instanceof Error ? error.message : String(error));
  }
  if (bodyKind !== undefined) return checkBody(bodyKind, next, 'Ignore').body as KubernetesObject;
  const { body } = resource.decode?.(next, 'Ignore') ?? checkBody(resource, next, 'Ignore');
  return resource.defaults?.(body as KubernetesObject) ?? (body as KubernetesObject);
}

/** Calls all validating webhooks; throws the first refusal. Returns audit annotations, if there are any. */
export function validateByWebhooks(request: AdmissionRequest, deps: PolicyDependencies): AdmissionNote | undefined {
  if (isExempt(request)) return undefined;
  const annotations: Record<string, string> = {};
  let refused: StatusError | undefined;
  for (const { webhooks = [] } of request.reader.list(ValidatingWebhookConfigurationResource)) {
    for (const hook of webhooks) {
      if (!isCalled(request, hook, deps)) continue;
      try {
        const response = answerOf(call(request, hook, deps), hook);
        if (response === undefined) continue;
        for (const [key, value] of Object.entries(response.auditAnnotations ?? {})) annotations[`${hook.name}/${key}`] = value;
        heed(request, hook, response);
      } catch (error) {
        if (!(error instanceof StatusError)) throw error;
        refused ??= error;
      }
    }
  }
  if (refused !== undefined) throw refused;
  return Object.keys(annotations).length > 0 ? { annotations } : undefined;
}

/** `ShouldCallHook`: rules, selectors, then the match conditions. */
function isCalled(request: AdmissionRequest, hook: Webhook, { authorizer }: PolicyDependencies): boolean {
  const { rules = [], namespaceSelector, objectSelector, matchConditions = [], matchPolicy } = hook;
  if (!namespaceMatches(namespaceSelector, request) || !objectMatches(objectSelector, request)) return false;
  if (!rules.some((rule) => ruleMatches(rule, request, matchPolicy === 'Exact'))) return false;
  if (matchConditions.length === 0) return true;
  const budget = { left: RUNTIME_BUDGET };
  const holds = conditionsHold(
    matchConditions,
    compiledConditions(matchConditions),
    new AdmissionVariables(request, budget, { authorizer }),
    budget,
  );
  if (typeof holds === 'boolean') return holds;
  if (hook.failurePolicy === 'Ignore') return false;
  throw new StatusError(403, 'Forbidden', `${request.resource.plural} ${JSON.stringify(request.name)} is forbidden: ${holds}`, {});
}

function call(request: AdmissionRequest, hook: Webhook, { caller, nextUid }: PolicyDependencies): Called {
  if (request.options.dryRun && hook.sideEffects !== 'None' && hook.sideEffects !== 'NoneOnDryRun')
    throw new StatusError(400, 'BadRequest', `admission webhook ${JSON.stringify(hook.name)} does not support dry run`, {});
  const timeoutMs = (hook.timeoutSeconds ?? DEFAULT_TIMEOUT_S) * 1000;
  const uid = nextUid();
  const review = {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: { uid, ...requestObject(request), object: request.object ?? null, oldObject: request.old ?? null },
  };
  const answer = caller?.post(hook.clientConfig, review, timeoutMs) ?? {
    error: `Post ${JSON.stringify(webhookUrl(hook.clientConfig, timeoutMs))}: this apiserver has no network to call webhooks over`,
  };
  if ('error' in answer) return { failure: `failed to call webhook: ${answer.error}` };
  const { kind, apiVersion, response } = (answer.body ?? {}) as { kind?: string; apiVersion?: string; response?: ReviewResponse };
  if (kind !== 'AdmissionReview' || apiVersion !== 'admission.k8s.io/v1')
    return {
      failure: `received invalid webhook response: expected webhook response of ${KIND}, got ${apiVersion ?? ''}, Kind=${kind ?? ''}`,
    };
  if (response === undefined) return { failure: 'received invalid webhook response: webhook response was absent' };
  if (response.uid !== uid)
    return {
      failure: `received invalid webhook response: expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response.uid ?? '')}`,
    };
  return { response };
}

/** The answer; undefined when there is none and the webhook may be passed over. */
function answerOf(called: Called, hook: Webhook): ReviewResponse | undefined {
  if ('response' in called) return called.response;
  if (hook.failurePolicy === 'Ignore') return undefined;
  throw callFailed(hook, called.failure);
}

const internal = (message: string): StatusError =>
  new StatusError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
const callFailed = ({ name }: Webhook, why: string): StatusError => internal(`failed calling webhook ${JSON.stringify(name)}: ${why}`);

/** Passes on warnings; throws when the webhook refuses (`webhookerrors.ToStatusErr`). */
function heed({ warn }: AdmissionRequest, { name }: Webhook, { allowed, status, warnings = [] }: ReviewResponse): void {
  for (const warning of warnings) warn?.(warning);
  if (allowed === true) return;
  const denied = `admission webhook ${JSON.stringify(name)} denied the request`;
  const { code = 0, message, reason } = status ?? {};
  const why = message || reason;
  throw new StatusError(
    code < 400 || code > 599 ? 400 : code,
    reason ?? '',
    why ? `${denied}: ${why}` : `${denied} without explanation`,
    status?.details,
  );
}
