/** How the apiserver reaches webhooks: the cluster says how its network does it. */

/** Where a webhook is (`WebhookClientConfig`). */
export interface WebhookTarget {
  readonly url?: string;
  readonly service?: { readonly namespace: string; readonly name: string; readonly path?: string; readonly port?: number };
}

/** What came of a call: the answer's body, or the rest of the message `failed to call webhook: …`. */
export type WebhookAnswer = { readonly body: unknown } | { readonly error: string };

/** Sends requests of the apiserver to servers in the cluster. */
export interface WebhookCaller {
  /** Posts `body` as JSON and waits at most `timeoutMs` of virtual time. Must not throw. */
  post(target: WebhookTarget, body: object, timeoutMs: number): WebhookAnswer;
}

/** The URL as messages name it: "https://hook.default.svc:443/path?timeout=10s". */
export function webhookUrl({ url, service }: WebhookTarget, timeoutMs: number | undefined): string {
  const base = url ?? `https://${service?.name ?? ''}.${service?.namespace ?? ''}.svc:${service?.port ?? 443}${slashed(service?.path)}`;
  if (timeoutMs === undefined) return base;
  return `${base}${base.includes('?') ? '&' : '?'}timeout=${Math.ceil(timeoutMs / 1000)}s`;
}

function slashed(path: string | undefined): string {
  if (path === undefined || path === '') return '';
  return path.startsWith('/') ? path : `/${path}`;
}
