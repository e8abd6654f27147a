/** Rules that the workload kinds share about the pods they make (`ValidatePodTemplateSpecForReplicaSet` and its like). */
import { forbiddenField, notSupported } from '../../apimachinery/status.ts';
import { goMap, invalidGo, SELECTOR_MISMATCH, selectorMatches } from './common.ts';
import { validatePodTemplate } from './pod-spec.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { LabelSelector, PodTemplateSpec } from '../generated/types.ts';

/** The selector has to match the labels of the template, else the controller would never see its own pods. */
export function templateMatches(selector: LabelSelector | undefined, template: PodTemplateSpec | undefined, path: string): FieldError[] {
  const labels = template?.metadata?.labels;
  return selectorMatches(selector, labels) ? [] : [invalidGo(`${path}.metadata.labels`, goMap(labels), SELECTOR_MISMATCH)];
}

/** Pods of a controller that replaces them: they restart always, without a deadline. `noun` is the kind's name in the text. */
export function validateRestartingTemplate(template: PodTemplateSpec | undefined, path: string, noun: string): FieldError[] {
  const errors: FieldError[] = [];
  const { restartPolicy, activeDeadlineSeconds } = template?.spec ?? {};
  if (restartPolicy !== 'Always') errors.push(notSupported(`${path}.spec.restartPolicy`, restartPolicy ?? '', ['Always']));
  if (activeDeadlineSeconds !== undefined) {
    errors.push(forbiddenField(`${path}.spec.activeDeadlineSeconds`, `activeDeadlineSeconds in ${noun} is not Supported`));
  }
  return errors;
}

/** Selector, template and restart policy at once, in the order of ReplicaSets and Deployments. */
export function validateReplicaTemplate(
  selector: LabelSelector | undefined,
  template: PodTemplateSpec | undefined,
  path: string,
  noun: string,
): FieldError[] {
  return [
    ...templateMatches(selector, template, path),
    ...validatePodTemplate(template, path),
    ...validateRestartingTemplate(template, path, noun),
  ];
}
