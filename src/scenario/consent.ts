/** Consent to run a script is given where it runs: it never travels with a manifest. */
import type { KubernetesObject } from '../apimachinery/meta.ts';

/** The manifest of a SchedulerPlugin without `spec.approved`; any other as it is. */
export function withoutConsent(manifest: KubernetesObject): KubernetesObject {
  const { kind, spec } = manifest as KubernetesObject & { spec?: unknown };
  if (kind !== 'SchedulerPlugin' || typeof spec !== 'object' || spec === null || !('approved' in spec)) return manifest;
  const { approved: _consent, ...rest } = spec;
  return { ...manifest, spec: rest } as KubernetesObject;
}
