/** The kind LessonProgress: how far a learner is in one lesson. Named after the lesson; kept with the cluster's other objects. */
import { defineResource } from '../resource.ts';
import { withSpec } from '../defaulting.ts';
import { required } from '../../apimachinery/status.ts';
import { flag, integer, kindFacts, list, must, object, text, time } from './facts.ts';
import type { DescribedTypes } from './facts.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';
import type { Time } from '../generated/types.ts';

/** Which lesson. */
export interface LessonProgressSpec {
  /** "02-workloads/03-rolling-update" */
  lesson: string;
  /** The step the learner looks at, from 0. */
  step?: number;
  /** What the learner predicted, by question. */
  answers?: { question: string; answer: string }[];
}

/** What was achieved. */
export interface LessonProgressStatus {
  phase?: 'Started' | 'Solved';
  /** One entry a check of the lesson. */
  checks?: { name: string; passed: boolean; message?: string; time?: Time }[];
  startTime?: Time;
  completionTime?: Time;
}

/** kubarium.dev/v1alpha1 LessonProgress. */
export interface LessonProgress extends KubernetesObject {
  apiVersion: 'kubarium.dev/v1alpha1';
  kind: 'LessonProgress';
  spec: LessonProgressSpec;
  status?: LessonProgressStatus;
}

/** The field table of LessonProgress. */
export const lessonProgressTypes: DescribedTypes = {
  'kubarium.v1alpha1.LessonProgress': kindFacts('LessonProgress', { spec: true, status: true }),
  'kubarium.v1alpha1.LessonProgressSpec': {
    lesson: must(text('The lesson, e.g. 02-workloads/03-rolling-update.')),
    step: integer('The step in view, from 0.'),
    answers: list(object('LessonProgressAnswer', ''), 'Predictions.'),
  },
  'kubarium.v1alpha1.LessonProgressAnswer': { question: must(text('Which question.')), answer: must(text('What was answered.')) },
  'kubarium.v1alpha1.LessonProgressStatus': {
    phase: text('How far it is.', ['Started', 'Solved']),
    checks: list(object('LessonProgressCheck', ''), 'Checks of the lesson.'),
    startTime: time('When it was opened.'),
    completionTime: time('When it was solved.'),
  },
  'kubarium.v1alpha1.LessonProgressCheck': {
    name: must(text('Which check.')),
    passed: must(flag('Whether it passed.')),
    message: text('Why not.'),
    time: time('When it passed first.'),
  },
};

/** kubarium.dev/v1alpha1 LessonProgress. */
export const LessonProgressResource = defineResource<LessonProgress>({
  group: 'kubarium.dev',
  version: 'v1alpha1',
  kind: 'LessonProgress',
  plural: 'lessonprogresses',
  shortNames: ['lp'],
  categories: ['kubarium'],
  namespaced: false,
  schema: 'kubarium.v1alpha1.LessonProgress',
  subresources: { status: true },
  defaults: withSpec,
  validate: ({ spec }) => (spec.lesson ? [] : [required('spec.lesson')]),
  columns: [
    { name: 'Name', format: 'name', value: ({ metadata }) => metadata.name },
    { name: 'Lesson', value: ({ spec }) => spec.lesson },
    { name: 'Phase', value: ({ status }) => status?.phase ?? 'Started' },
    {
      name: 'Checks',
      value: ({ status }) => `${status?.checks?.filter(({ passed }) => passed).length ?? 0}/${status?.checks?.length ?? 0}`,
    },
  ],
});
