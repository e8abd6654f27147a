/** A pod's quality-of-service class (`pkg/apis/core/v1/helper/qos/qos.go`). */
import { parseQuantity } from '../apimachinery/quantity.ts';
import type { Container, PodSpec } from '../api/generated/types.ts';

const COMPUTE = ['cpu', 'memory'] as const;

const amount = (list: Container['resources'], kind: 'requests' | 'limits', name: string): bigint => {
  const text = list?.[kind]?.[name];
  return text === undefined ? 0n : parseQuantity(text).nano;
};

const classes = new WeakMap<PodSpec, string>();

/** "Guaranteed", "Burstable" or "BestEffort". */
export function qosClass(spec: PodSpec): string {
  let known = classes.get(spec);
  if (known === undefined) {
    known = compute(spec);
    classes.set(spec, known);
  }
  return known;
}

function compute(spec: PodSpec): string {
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  let any = false;
  let guaranteed = true;
  for (const { resources } of containers) {
    for (const name of COMPUTE) {
      const request = amount(resources, 'requests', name);
      const limit = amount(resources, 'limits', name);
      if (request > 0n || limit > 0n) any = true;
      if (limit === 0n || (request !== 0n && request !== limit)) guaranteed = false;
    }
  }
  if (!any) return 'BestEffort';
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
