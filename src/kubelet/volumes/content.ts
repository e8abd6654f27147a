/**
 * The files of configMap, secret, downwardAPI and projected volumes (`pkg/volume/{configmap,secret,downwardapi,projected}`).
 * File modes are not modelled: programs in the simulation read every file.
 */
import { StatusError } from '../../apimachinery/status.ts';
import type { DownwardAPIVolumeFile, KeyToPath, Pod, ProjectedVolumeSource, Volume, VolumeProjection } from '../../api/generated/types.ts';
import { fieldValue, resourceValue, unresolvable } from '../downward.ts';
import type { Allocatable } from '../downward.ts';
import { namedContainer } from '../env.ts';
import type { ConfigSource } from '../env.ts';

/** What the files depend on. */
export interface ContentContext {
  readonly pod: Pod;
  readonly config: ConfigSource;
  readonly allocatable: Allocatable;
  token(audience: string, expirationSeconds: number): string;
}

type Files = Map<string, string>;

/** Default of `serviceAccountToken.expirationSeconds`. */
const TOKEN_SECONDS = 3600;

/** The files of the volume; undefined when it is not one of these kinds. Throws with upstream's text when something is missing. */
export function volumeContent(volume: Volume, context: ContentContext): Files | undefined {
  const files: Files = new Map();
  const namespace = context.pod.metadata.namespace ?? '';
  if (volume.configMap) {
    const { name = '', items, optional } = volume.configMap;
    addData(files, 'configmap', name, context.config.configMapData(namespace, name), items, optional);
  } else if (volume.secret) {
    const { secretName = '', items, optional } = volume.secret;
    addData(files, 'secret', secretName, context.config.secretData(namespace, secretName), items, optional);
  } else if (volume.downwardAPI) addDownward(files, volume.downwardAPI.items, context);
  else if (volume.projected) addProjected(files, volume.projected, context);
  else return undefined;
  return files;
}

function addData(
  files: Files,
  kind: 'configmap' | 'secret',
  name: string,
  data: Readonly<Record<string, string>> | undefined,
  items: readonly KeyToPath[] | undefined,
  optional: boolean | undefined,
): void {
  if (data === undefined) {
    if (optional) return;
    throw unresolvable(`${kind} ${JSON.stringify(name)} not found`);
  }
  if (!items?.length) {
    for (const key of Object.keys(data)) files.set(key, data[key] ?? '');
    return;
  }
  for (const { key, path } of items) {
    const content = data[key];
    if (content !== undefined) files.set(path, content);
    else if (!optional) throw unresolvable(`references non-existent ${kind === 'configmap' ? 'config' : 'secret'} key: ${key}`);
  }
}

function addDownward(files: Files, items: readonly DownwardAPIVolumeFile[] | undefined, { pod, allocatable }: ContentContext): void {
  for (const { path, fieldRef, resourceFieldRef } of items ?? []) {
    if (fieldRef) files.set(path, fieldValue(pod, fieldRef.fieldPath));
    else if (resourceFieldRef) {
      const container = namedContainer(pod, resourceFieldRef.containerName);
      if (container === undefined) throw unresolvable(`container ${resourceFieldRef.containerName} not found`);
      files.set(path, resourceValue(container, resourceFieldRef.resource, resourceFieldRef.divisor, allocatable));
    }
  }
}

function addProjected(files: Files, { sources }: ProjectedVolumeSource, context: ContentContext): void {
  const problems: string[] = [];
  for (const source of sources ?? []) {
    try {
      addProjection(files, source, context);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw unresolvable(problems.length === 1 ? (problems[0] ?? '') : `[${problems.join(', ')}]`);
}

function addProjection(files: Files, source: VolumeProjection, context: ContentContext): void {
  const namespace = context.pod.metadata.namespace ?? '';
  if (source.configMap) {
    const { name = '', items, optional } = source.configMap;
    addData(files, 'configmap', name, context.config.configMapData(namespace, name), items, optional);
  }
  if (source.secret) {
    const { name = '', items, optional } = source.secret;
    addData(files, 'secret', name, context.config.secretData(namespace, name), items, optional);
  }
  if (source.downwardAPI) addDownward(files, source.downwardAPI.items, context);
  if (source.serviceAccountToken) {
    const { path, audience = '', expirationSeconds = TOKEN_SECONDS } = source.serviceAccountToken;
    files.set(path, context.token(audience, expirationSeconds));
  }
}
