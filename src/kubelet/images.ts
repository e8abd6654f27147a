/**
 * Getting a container's image onto the node (`pkg/kubelet/images/image_manager.go`): pull policies, events, the back-off
 * of failed pulls, and the waiting reasons. Pulls themselves are the runtime's.
 */
import { goDuration } from '../apimachinery/durations.ts';
import type { Container } from '../api/generated/types.ts';
import type { ContainerRuntime } from '../container-runtime/cri.ts';
import { parseReference } from '../container-runtime/images/reference.ts';
import { BACK_OFF_PERIOD_MS, backOffRemaining, nextBackOff } from './backoff.ts';
import type { BackOffEntry } from './backoff.ts';

/** A container that cannot start now: `reason` and `message` of its waiting state. */
export interface StartFailure {
  readonly reason: string;
  readonly message: string;
  /** When to try again, ms from now. */
  readonly retryMs: number;
}

/** Records an event about the container. */
export type RecordEvent = (type: 'Normal' | 'Warning', reason: string, message: string) => void;

/** Failures of one image for one pod. */
interface PullHistory {
  backOff: BackOffEntry;
  /** When the last pull failed, ms. */
  failedAt: number;
  /** "ErrImagePull: …" of the last pull, repeated while backing off. */
  error: string;
}

/** The tag or digest that decides the default pull policy is the apiserver's matter; an absent policy is IfNotPresent here. */
function shouldPull(container: Container, present: boolean): boolean {
  if (container.imagePullPolicy === 'Never') return false;
  return container.imagePullPolicy === 'Always' || !present;
}

/** Time from ErrImagePull to ImagePullBackOff, ms. Differs: upstream shows it at the pod's next sync, some seconds later. */
const SHOW_BACK_OFF_MS = 1000;

/** The runtime's text with its gRPC code; the code Unknown is left out (`pkg/kubelet/cri-client`, `pullImageV1`). */
const withCode = (message: string): string => (message.endsWith(': not found') ? `rpc error: code = NotFound desc = ${message}` : message);

/** A name that is none is never pulled; every sync says so again (`applyDefaultImageTag`). */
function invalidName(image: string, error: string, record: RecordEvent): StartFailure {
  const name = JSON.stringify(image);
  const message = `Failed to apply default image tag ${name}: couldn't parse image name ${name}: ${error}`;
  record('Warning', 'InspectFailed', message);
  return { reason: 'InvalidImageName', message, retryMs: BACK_OFF_PERIOD_MS };
}

/** The text of the event while the pulls of an image are held back. */
export const pullBackOffText = (image: string): string => `Back-off pulling image ${JSON.stringify(image)}`;

/** The kubelet's image manager. */
export class ImageManager {
  readonly #runtime: ContainerRuntime;
  readonly #now: () => number;
  /** "podUid_image" → failures; entries go with success or with the pod. */
  readonly #failures = new Map<string, PullHistory>();

  constructor(runtime: ContainerRuntime, now: () => number) {
    this.#runtime = runtime;
    this.#now = now;
  }

  /**
   * Makes sure the image is there, then calls `done`, at once when no pull is needed: with nothing on success, else with
   * why the container waits. `ErrImagePull` asks to come back soon, to show the back-off.
   */
  ensureImageExists(podUid: string, container: Container, record: RecordEvent, done: (failure?: StartFailure) => void): void {
    const image = container.image ?? '';
    const reference = parseReference(image);
    if ('error' in reference) return done(invalidName(image, reference.error, record));
    const present = this.#runtime.imageStatus(image) !== undefined;
    if (!shouldPull(container, present)) return done(this.#withoutPull(image, present, record));
    const key = `${podUid}_${image}`;
    const history = this.#failures.get(key);
    const remaining = history ? backOffRemaining(history.backOff, history.failedAt, this.#now()) : 0;
    if (history && remaining > 0) {
      const message = pullBackOffText(image);
      record('Normal', 'BackOff', message);
      return done({ reason: 'ImagePullBackOff', message: `${message}: ${history.error}`, retryMs: remaining });
    }
    this.#pull(key, image, record, done);
  }

  /** Forgets the pod's failures. */
  forgetPod(podUid: string, images: readonly string[]): void {
    for (const image of images) this.#failures.delete(`${podUid}_${image}`);
  }

  #withoutPull(image: string, present: boolean, record: RecordEvent): StartFailure | undefined {
    if (present) {
      record('Normal', 'Pulled', `Container image ${JSON.stringify(image)} already present on machine`);
      return undefined;
    }
    const message = `Container image ${JSON.stringify(image)} is not present with pull policy of Never`;
    record('Warning', 'ErrImageNeverPull', message);
    return { reason: 'ErrImageNeverPull', message, retryMs: BACK_OFF_PERIOD_MS };
  }

  #pull(key: string, image: string, record: RecordEvent, done: (failure?: StartFailure) => void): void {
    const startedAt = this.#now();
    record('Normal', 'Pulling', `Pulling image ${JSON.stringify(image)}`);
    this.#runtime.pullImage(image, (result) => {
      const now = this.#now();
      if (!('reason' in result)) {
        this.#failures.delete(key);
        const pull = goDuration(Math.round(result.pullMs));
        const waited = goDuration(Math.round(now - startedAt));
        record(
          'Normal',
          'Pulled',
          `Successfully pulled image ${JSON.stringify(image)} in ${pull} (${waited} including waiting). Image size: ${result.sizeBytes} bytes.`,
        );
        return done();
      }
      const message = withCode(result.message);
      record('Warning', 'Failed', `Failed to pull image ${JSON.stringify(image)}: ${message}`);
      const error = `${result.reason}: ${message}`;
      this.#failures.set(key, { backOff: nextBackOff(this.#failures.get(key)?.backOff, now, now), failedAt: now, error });
      done({ reason: result.reason, message, retryMs: SHOW_BACK_OFF_MS });
    });
  }
}
