/**
 * A pod with what the scheduler has worked out about it (`pkg/scheduler/framework/types.go`, PodInfo). Several thousand
 * are alive at a time, so it holds references to shared facts and nothing per pod.
 */
import { containerFacts } from './resource.ts';
import type { ContainerFacts } from './resource.ts';
import { podAffinityTerms } from './pod-affinity-terms.ts';
import type { PodAffinityTerms } from './pod-affinity-terms.ts';
import { podGroup } from './pod-group.ts';
import type { PodGroup } from './pod-group.ts';
import type { Pod } from '../../api/generated/types.ts';

/** Working facts of one pod. */
export class PodInfo {
  pod: Pod;
  facts: ContainerFacts;
  /** Compiled (anti-)affinity; undefined for the many pods without. */
  terms: PodAffinityTerms | undefined;
  /** What selectors see of it. */
  group: PodGroup;

  constructor(pod: Pod) {
    this.pod = pod;
    this.facts = containerFacts(pod.spec);
    this.terms = podAffinityTerms(pod);
    this.group = podGroup(pod);
  }

  get uid(): string {
    return this.pod.metadata.uid;
  }

  /** `spec.priority`, 0 when absent. */
  get priority(): number {
    return this.pod.spec.priority ?? 0;
  }

  /** Takes over a newer version of the same pod. */
  update(pod: Pod): void {
    this.pod = pod;
    this.facts = containerFacts(pod.spec);
    this.terms = podAffinityTerms(pod);
    this.group = podGroup(pod);
  }
}
