/**
 * The one list of conformance areas. Modules are loaded when a suite asks for them, so that one that does not load
 * fails its own cases only.
 */
import type { Area } from './area.ts';

export const areas: Readonly<Record<string, () => Promise<Area>>> = {
  'admission-limits': () => import('./areas/admission-limits.ts'),
  'cronjob-schedule': () => import('./areas/cronjob-schedule.ts'),
  'daemonset-eligibility': () => import('./areas/daemonset-eligibility.ts'),
  'deployment-rolling': () => import('./areas/deployment-rolling.ts'),
  'dns-records': () => import('./areas/dns-records.ts'),
  'downward-api': () => import('./areas/downward-api.ts'),
  'env-expansion': () => import('./areas/env-expansion.ts'),
  'field-selector': () => import('./areas/field-selector.ts'),
  'hpa-behavior': () => import('./areas/hpa-behavior.ts'),
  'hpa-replicas': () => import('./areas/hpa-replicas.ts'),
  'human-duration': () => import('./areas/human-duration.ts'),
  'job-indexed': () => import('./areas/job-indexed.ts'),
  'job-pod-failure-policy': () => import('./areas/job-pod-failure-policy.ts'),
  'label-selector': () => import('./areas/label-selector.ts'),
  'name-validation': () => import('./areas/name-validation.ts'),
  'node-lifecycle': () => import('./areas/node-lifecycle.ts'),
  'patch-real-types': () => import('./areas/patch-real-types.ts'),
  'pod-dns': () => import('./areas/pod-dns.ts'),
  'pod-phase': () => import('./areas/pod-phase.ts'),
  'pod-template-hash': () => import('./areas/pod-template-hash.ts'),
  probes: () => import('./areas/probes.ts'),
  'pv-binding': () => import('./areas/pv-binding.ts'),
  quantity: () => import('./areas/quantity.ts'),
  rbac: () => import('./areas/rbac.ts'),
  'replicaset-deletion-order': () => import('./areas/replicaset-deletion-order.ts'),
  'restart-backoff': () => import('./areas/restart-backoff.ts'),
  scheduler: () => import('./areas/scheduler.ts'),
  'server-side-apply': () => import('./areas/server-side-apply.ts'),
  'service-env': () => import('./areas/service-env.ts'),
  'statefulset-order': () => import('./areas/statefulset-order.ts'),
  'strategic-merge-patch': () => import('./areas/strategic-merge-patch.ts'),
  'table-columns': () => import('./areas/table-columns.ts'),
  'table-printing': () => import('./areas/table-printing.ts'),
  'validation-errors': () => import('./areas/validation-errors.ts'),
};
