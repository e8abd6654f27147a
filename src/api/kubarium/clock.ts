/**
 * The kind Clock: one object named "cluster" that says how virtual time passes. Pausing, stepping and the speed slider
 * are writes to it; what the simulation made of them is its status.
 */
import { defineResource } from '../resource.ts';
import { invalidValue } from '../../apimachinery/status.ts';
import { decimal, flag, integer, intOrString, kindFacts, text, time } from './facts.ts';
import type { DescribedTypes } from './facts.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { IntOrString, Time } from '../generated/types.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';

/** How time should pass. */
export interface ClockSpec {
  /** Time stands still; requests of the user are still answered. Default false. */
  paused?: boolean;
  /** Virtual seconds per real second, or "max": as fast as possible until idle. Default 1. */
  speed?: IntOrString;
  /** While paused: how many tasks may have run beyond the pause, in total. Raise it by one to step. Default 0. */
  steps?: number;
}

/** How time passes. */
export interface ClockStatus {
  /** Virtual time of the last task. */
  now?: Time;
  /** Tasks run since the start. */
  tasks?: number;
  /** Virtual seconds since the start of the scenario. */
  elapsedSeconds?: number;
  /** Nothing is due before the next timer. */
  idle?: boolean;
  /** The seed of the simulation's chance. */
  seed?: number;
  /** Virtual seconds per real second as measured. */
  measuredSpeed?: number;
  message?: string;
}

/** kubarium.dev/v1alpha1 Clock. */
export interface Clock extends KubernetesObject {
  apiVersion: 'kubarium.dev/v1alpha1';
  kind: 'Clock';
  spec: ClockSpec;
  status?: ClockStatus;
}

/** The only name a Clock may have. */
export const CLOCK_NAME = 'cluster';

/** The field table of Clock. */
export const clockTypes: DescribedTypes = {
  'kubarium.v1alpha1.Clock': kindFacts('Clock', { spec: true, status: true }),
  'kubarium.v1alpha1.ClockSpec': {
    paused: flag('Time stands still; requests are still answered.'),
    speed: intOrString('Virtual seconds per real second, or "max" for as fast as possible.'),
    steps: integer('While paused: how many tasks may have run beyond the pause, in total.'),
  },
  'kubarium.v1alpha1.ClockStatus': {
    now: time('Virtual time of the last task.'),
    tasks: integer('Tasks run since the start.'),
    elapsedSeconds: decimal('Virtual seconds since the start of the scenario.'),
    idle: flag('Nothing is due before the next timer.'),
    seed: integer("The seed of the simulation's chance."),
    measuredSpeed: decimal('Virtual seconds per real second as measured.'),
    message: text('What holds time up, if anything.'),
  },
};

function validate({ spec }: Clock): FieldError[] {
  const errors: FieldError[] = [];
  const { speed, steps } = spec;
  if (typeof speed === 'string' ? speed !== 'max' : speed !== undefined && !(speed > 0)) {
    errors.push(invalidValue('spec.speed', speed, 'must be a number greater than 0, or "max"'));
  }
  if (steps !== undefined && steps < 0) errors.push(invalidValue('spec.steps', steps, 'must be greater than or equal to 0'));
  return errors;
}

/** kubarium.dev/v1alpha1 Clock. */
export const ClockResource = defineResource<Clock>({
  group: 'kubarium.dev',
  version: 'v1alpha1',
  kind: 'Clock',
  plural: 'clocks',
  categories: ['kubarium'],
  namespaced: false,
  schema: 'kubarium.v1alpha1.Clock',
  subresources: { status: true },
  defaults(clock) {
    const spec: ClockSpec | undefined = clock.spec;
    return spec?.speed !== undefined && spec.paused !== undefined ? clock : { ...clock, spec: { paused: false, speed: 1, ...spec } };
  },
  validate,
  validateName: (name) => (name === CLOCK_NAME ? [] : [`must be "${CLOCK_NAME}"`]),
  columns: [
    { name: 'Name', format: 'name', value: ({ metadata }) => metadata.name },
    { name: 'Now', value: ({ status }) => status?.now ?? '' },
    { name: 'Speed', value: ({ spec }) => (spec.paused ? 'Paused' : spec.speed === 'max' ? 'max' : `x${spec.speed ?? 1}`) },
    { name: 'Tasks', type: 'integer', value: ({ status }) => status?.tasks ?? 0 },
    { name: 'Idle', type: 'boolean', value: ({ status }) => status?.idle ?? false },
  ],
});
