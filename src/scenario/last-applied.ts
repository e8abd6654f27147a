/** Where `kubectl apply` keeps what it applied last. */
import type { KubernetesObject } from '../apimachinery/meta.ts';

/** Keeps the manifest as it was applied last. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** The manifest as it was applied last; empty when it never was. */
export function lastApplied(live: KubernetesObject): KubernetesObject {
  const text = live.metadata.annotations?.[LAST_APPLIED];
  return (text === undefined ? {} : JSON.parse(text)) as KubernetesObject;
}
