/**
 * The kind Image: a simulated container image. Registries of the cluster hold it under its names; the kubelet pulls it
 * by the size of its layers, and a container of it runs the program it describes.
 */
import { defineResource } from '../resource.ts';
import { withSpec } from '../defaulting.ts';
import { invalidValue, notSupported, required } from '../../apimachinery/status.ts';
import { integer, kindFacts, list, must, object, text } from './facts.ts';
import { isPortNumber } from '../../apimachinery/names.ts';
import type { DescribedTypes } from './facts.ts';
import type { FieldError } from '../../apimachinery/status.ts';
import type { KubernetesObject } from '../../apimachinery/meta.ts';

/** One layer; layers with the same digest are pulled and stored once per node. */
export interface ImageLayer {
  sizeBytes: number;
  /** Default: made of the image's name and the layer's place. */
  digest?: string;
}

/** A port the image's server listens on. */
export interface ImagePort {
  port: number;
  /** Default TCP. */
  protocol?: 'TCP' | 'UDP' | 'SCTP';
  name?: string;
}

/** Programs that simulated images may run. */
export const IMAGE_PROGRAMS = ['server', 'client', 'exit', 'sleep', 'shell', 'eater', 'database', 'dns'] as const;

/** How a container of the image behaves. Arguments of the container may override (`--mem-growth=8Mi/s`). */
export interface ImageBehaviour {
  /** server: answers on its ports. client: calls `target`. exit: ends with `exitCode` after `afterMs`. sleep: does nothing. */
  program: (typeof IMAGE_PROGRAMS)[number];
  /** For exit, and for any program with `afterMs`. Default 0. */
  exitCode?: number;
  /** Ends so long after it was ready. Default: never (exit: at once). */
  afterMs?: number;
  /** Memory in use once started. Default 16 MiB. */
  memoryBytes?: number;
  /** Grows by so much each second. Default 0. */
  memoryGrowthBytesPerSecond?: number;
  /** CPU wanted all the time. Default 1. */
  milliCpu?: number;
  /** CPU time per request. Default 1. */
  milliCpuPerRequest?: number;
  /** How long a request takes. Default 1. */
  latencyMs?: number;
  /** Body of the answer; "$(hostname)" stands for the pod's name. */
  response?: string;
  /** HTTP status of the answer. Default 200. */
  statusCode?: number;
  /** client: what it calls, "http://web:80/", and how often a second. */
  target?: string;
  requestsPerSecond?: number;
  /** Lines it logs when started. */
  logs?: string[];
}

/** What the image is. */
export interface ImageSpec {
  /** References without digest: "nginx:1.25", "docker.io/library/nginx:latest". */
  names: string[];
  /** Layers from the bottom. Default: one of 50 MB. */
  layers?: ImageLayer[];
  ports?: ImagePort[];
  /** From process start until its ports answer. Default 100. */
  startupMs?: number;
  /** Default: a server when there are ports, else sleep. */
  behaviour?: ImageBehaviour;
  /** Default entry point and arguments, shown by `ps`. */
  entrypoint?: string[];
  command?: string[];
  env?: string[];
  workingDir?: string;
  /** User id the process runs as. Default 0. */
  user?: number;
}

/** kubarium.dev/v1alpha1 Image. */
export interface Image extends KubernetesObject {
  apiVersion: 'kubarium.dev/v1alpha1';
  kind: 'Image';
  spec: ImageSpec;
}

/** The field table of Image. */
export const imageTypes: DescribedTypes = {
  'kubarium.v1alpha1.Image': kindFacts('Image', { spec: true }),
  'kubarium.v1alpha1.ImageSpec': {
    names: must(list(text(''), 'References the registry knows it by, e.g. nginx:1.25.')),
    layers: list(object('ImageLayer', ''), 'Layers from the bottom.'),
    ports: list(object('ImagePort', ''), 'Ports its server listens on.'),
    startupMs: integer('Milliseconds from process start until it answers.'),
    behaviour: object('ImageBehaviour', 'What a container of it does.'),
    entrypoint: list(text(''), 'Default entry point.'),
    command: list(text(''), 'Default arguments.'),
    env: list(text(''), 'Default environment, NAME=value.'),
    workingDir: text('Default working directory.'),
    user: integer('User id the process runs as.'),
  },
  'kubarium.v1alpha1.ImageLayer': { sizeBytes: must(integer('Size to pull.')), digest: text('Layers with equal digests are stored once.') },
  'kubarium.v1alpha1.ImagePort': {
    port: must(integer('Port number.')),
    protocol: text('Default TCP.', ['SCTP', 'TCP', 'UDP']),
    name: text('Name of the port.'),
  },
  'kubarium.v1alpha1.ImageBehaviour': {
    program: must(text('What it runs.', IMAGE_PROGRAMS)),
    exitCode: integer('Exit code when it ends.'),
    afterMs: integer('Ends after so many milliseconds.'),
    memoryBytes: integer('Memory in use once started.'),
    memoryGrowthBytesPerSecond: integer('Memory grows by so much each second.'),
    milliCpu: integer('CPU wanted all the time, in thousandths of a core.'),
    milliCpuPerRequest: integer('CPU time per request, in milliseconds.'),
    latencyMs: integer('How long a request takes.'),
    response: text('Body of the answer.'),
    statusCode: integer('HTTP status of the answer.'),
    target: text('client: the address it calls.'),
    requestsPerSecond: integer('client: how often it calls.'),
    logs: list(text(''), 'Lines it logs when started.'),
  },
};

function validate({ spec }: Image): FieldError[] {
  const errors: FieldError[] = [];
  if (!spec.names?.length) errors.push(required('spec.names', 'an image needs at least one name'));
  spec.layers?.forEach(({ sizeBytes }, index) => {
    if (!(sizeBytes >= 0)) errors.push(invalidValue(`spec.layers[${index}].sizeBytes`, sizeBytes, 'must be greater than or equal to 0'));
  });
  spec.ports?.forEach(({ port }, index) => {
    for (const message of isPortNumber(port)) errors.push(invalidValue(`spec.ports[${index}].port`, port, message));
  });
  const program = spec.behaviour?.program;
  if (program !== undefined && !IMAGE_PROGRAMS.includes(program))
    errors.push(notSupported('spec.behaviour.program', program, IMAGE_PROGRAMS));
  return errors;
}

/** kubarium.dev/v1alpha1 Image. */
export const ImageResource = defineResource<Image>({
  group: 'kubarium.dev',
  version: 'v1alpha1',
  kind: 'Image',
  plural: 'images',
  shortNames: ['img'],
  categories: ['kubarium'],
  namespaced: false,
  schema: 'kubarium.v1alpha1.Image',
  generation: true,
  defaults: withSpec,
  validate,
  columns: [
    { name: 'Name', format: 'name', value: ({ metadata }) => metadata.name },
    { name: 'Image', value: ({ spec }) => spec.names[0] ?? '' },
    { name: 'Size', value: ({ spec }) => `${Math.round((spec.layers ?? []).reduce((sum, layer) => sum + layer.sizeBytes, 0) / 1e6)}MB` },
    { name: 'Program', value: ({ spec }) => spec.behaviour?.program ?? (spec.ports?.length ? 'server' : 'sleep') },
    { name: 'Ports', value: ({ spec }) => (spec.ports ?? []).map(({ port, protocol = 'TCP' }) => `${port}/${protocol}`).join(',') },
  ],
});
