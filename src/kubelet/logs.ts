/** Container logs as the API returns them (`pkg/kubelet/kubelet_pods.go`, `GetKubeletContainerLogs`, and `kuberuntime/logs`). */
import { badRequest } from '../apimachinery/status.ts';
import { utf8Length } from '../apimachinery/utf8.ts';
import type { Pod } from '../api/generated/types.ts';
import type { LogLine } from '../container-runtime/cri.ts';
import type { ContainerRecord } from './container-record.ts';

/** Which lines of a container's log to return (`v1.PodLogOptions`). */
export interface LogQuery {
  /** Of the container before the last restart. */
  previous?: boolean;
  tailLines?: number;
  /** Only lines from this time on, ms since the Unix epoch. */
  sinceMs?: number;
  /** Puts each line's time before it. */
  timestamps?: boolean;
  /** At most this many bytes from the beginning. */
  limitBytes?: number;
}

/** The runtime id of the container whose log is asked for. Throws BadRequest with upstream's text when there is none (`validateContainerLogStatus`). */
export function loggedContainer(
  record: ContainerRecord | undefined,
  containerName: string,
  { metadata, spec }: Pod,
  previous = false,
): string {
  const subject = `container ${JSON.stringify(containerName)} in pod ${JSON.stringify(metadata.name)}`;
  if (record === undefined) throw badRequest(`${subject} is not available`);
  if (previous) {
    // While a container waits for its restart, the one that ended is the previous one.
    const id = record.waiting && record.state === 'terminated' ? record.id : record.previousId;
    if (id === '') throw badRequest(`previous terminated ${subject} not found`);
    return id;
  }
  if (record.id !== '') return record.id;
  const reason = record.waiting?.reason ?? (spec.initContainers?.length ? 'PodInitializing' : 'ContainerCreating');
  if (reason === 'ErrImagePull') throw badRequest(`${subject} is waiting to start: image can't be pulled`);
  if (reason === 'ImagePullBackOff') throw badRequest(`${subject} is waiting to start: trying and failing to pull image`);
  throw badRequest(`${subject} is waiting to start: ${reason}`);
}

/** The lines that the query asks for. */
export function selectLines(lines: readonly LogLine[], { sinceMs, tailLines }: LogQuery): readonly LogLine[] {
  const recent = sinceMs === undefined ? lines : lines.filter(({ at }) => at >= sinceMs);
  return tailLines === undefined ? recent : tailLines <= 0 ? [] : recent.slice(-tailLines);
}

/** One line as text, with its line end. */
export function logText({ at, text }: LogLine, timestamps = false): string {
  if (!timestamps) return `${text}\n`;
  return `${new Date(Math.floor(at)).toISOString().slice(0, 23)}000000Z ${text}\n`;
}

/** The text of the lines, cut after `limitBytes`. */
export function logTexts(lines: readonly LogLine[], { timestamps, limitBytes }: LogQuery): string {
  const text = lines.map((line) => logText(line, timestamps)).join('');
  if (limitBytes === undefined || utf8Length(text) <= limitBytes) return text;
  let end = Math.min(text.length, limitBytes);
  while (utf8Length(text.slice(0, end)) > limitBytes) end--;
  return text.slice(0, end);
}
