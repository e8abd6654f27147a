/**
 * The mode Webhook: a server decides about SubjectAccessReviews (`k8s.io/apiserver/plugin/pkg/authorizer/webhook`). Answers are kept for five
 * minutes when they allow and for thirty seconds when they do not; a server that cannot be asked has no opinion.
 */
import type { WebhookCaller, WebhookTarget } from '../policy/webhook-caller.ts';
import type { Attributes, Authorizer, Decision } from './attributes.ts';

const ALLOWED_MS = 300_000;
const REFUSED_MS = 30_000;
const TIMEOUT_MS = 10_000;
const MAX_KEPT = 4096;

interface ReviewStatus {
  allowed?: boolean;
  denied?: boolean;
  reason?: string;
}

/** Asks the server at `target`. `now` is virtual time, ms. */
export function webhookAuthorizer(caller: WebhookCaller | undefined, target: WebhookTarget, now: () => number): Authorizer {
  const kept = new Map<string, { decision: Decision; until: number }>();
  let asking = false;
  return {
    authorize(attributes) {
      // What the question itself causes must not ask again.
      if (asking || caller === undefined) return NO_OPINION;
      const spec = specOf(attributes);
      const key = JSON.stringify(spec);
      const known = kept.get(key);
      if (known !== undefined && known.until > now()) return known.decision;
      asking = true;
      const answer = caller.post(
        target,
        { apiVersion: 'authorization.k8s.io/v1', kind: 'SubjectAccessReview', metadata: {}, spec },
        TIMEOUT_MS,
      );
      asking = false;
      if ('error' in answer) return NO_OPINION;
      const { allowed = false, denied, reason = '' } = (answer.body as { status?: ReviewStatus } | null)?.status ?? {};
      const decision: Decision = { allowed, ...(denied && { denied }), reason, authorizer: 'Webhook' };
      if (kept.size >= MAX_KEPT) kept.clear();
      kept.set(key, { decision, until: now() + (allowed ? ALLOWED_MS : REFUSED_MS) });
      return decision;
    },
  };
}

const NO_OPINION: Decision = { allowed: false, reason: '', authorizer: 'Webhook' };

function specOf({ user, verb, group, resource, namespace, name, path }: Attributes): object {
  const [plural = '', subresource] = resource.split('/', 2);
  const who = { user: user.name, groups: user.groups, ...(user.uid && { uid: user.uid }), ...(user.extra && { extra: user.extra }) };
  if (path !== undefined) return { ...who, nonResourceAttributes: { path, verb } };
  return { ...who, resourceAttributes: { namespace, verb, group, resource: plural, ...(subresource && { subresource }), name } };
}
