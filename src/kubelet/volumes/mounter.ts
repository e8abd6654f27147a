/**
 * One pod's wait for its volumes: tries, back-off and events (`pkg/volume/util/operationexecutor`,
 * `pkg/util/goroutinemap/exponentialbackoff`, and `volumemanager.WaitForAttachAndMount`).
 */
import type { Pod } from '../../api/generated/types.ts';
import type { Host } from '../host.ts';
import type { MountFailure } from './volume-manager.ts';

const FIRST_RETRY_MS = 500;
/** `maxDurationBeforeRetry`: 2 min 2 s. */
const MAX_RETRY_MS = 122_000;
/** `podAttachAndMountTimeout`: 2 min 3 s. */
const WAIT_MS = 123_000;
/** Nothing that an attacher would have to do is tried faster than this, ms. */
const ATTACH_RETRY_MS = 15_000;

/** Mounts a pod's volumes until all are there. */
export class VolumeMounter {
  readonly #host: Host;
  readonly #pod: Pod;
  #ready = false;
  #retryAt = 0;
  #failures = 0;
  /** Since when the pod waits, ms; moves on when the wait timed out. */
  #waitingSince: number | undefined;
  #told = false;

  constructor(host: Host, pod: Pod) {
    this.#host = host;
    this.#pod = pod;
    this.#ready = !pod.spec.volumes?.length;
  }

  /** Ms until the next try. */
  get retryMs(): number {
    return Math.max(0, this.#retryAt - this.#host.scope.now);
  }

  /** True when every volume is there; tries to mount those that are not, unless a failure is too recent. */
  mount(): boolean {
    const { now } = this.#host.scope;
    if (this.#ready) return true;
    if (now < this.#retryAt) return false;
    const failures = this.#host.volumes.mount(this.#pod);
    this.#ready = failures.length === 0;
    if (this.#ready) return true;
    this.#waitingSince ??= now;
    this.#tell(failures, now);
    const delay = Math.min(FIRST_RETRY_MS * 2 ** this.#failures, MAX_RETRY_MS);
    this.#failures = Math.min(this.#failures + 1, 16);
    const waitsForAttach = failures.every(({ stage }) => stage !== 'setUp');
    this.#retryAt = now + (waitsForAttach ? Math.max(ATTACH_RETRY_MS, delay) : delay);
    return false;
  }

  #tell(failures: readonly MountFailure[], now: number): void {
    for (const { volume, stage, message } of failures) {
      if (stage === 'setUp') this.#event('FailedMount', `MountVolume.SetUp failed for volume ${JSON.stringify(volume)} : ${message}`);
      // Differs: FailedAttachVolume comes from the kubelet; upstream's attach-detach controller, which is not here, says it.
      else if (stage === 'attach' && message !== '' && !this.#told) this.#event('FailedAttachVolume', message);
    }
    this.#told = true;
    const unprocessed = failures.filter(({ stage }) => stage === 'process');
    const timedOut = now - (this.#waitingSince ?? now) >= WAIT_MS;
    if (unprocessed.length === 0 && !timedOut) return;
    if (timedOut) this.#waitingSince = now;
    const unmounted = failures.map(({ volume }) => volume).sort();
    const unattached = failures.filter(({ stage }) => stage === 'attach').map(({ volume }) => volume);
    const cause = unprocessed.length > 0 ? unprocessed.map(({ message }) => message).join('; ') : 'context deadline exceeded';
    this.#event(
      'FailedMount',
      `Unable to attach or mount volumes: unmounted volumes=[${unmounted.join(' ')}], unattached volumes=[${unattached.join(' ')}], ` +
        `failed to process volumes=[${unprocessed.map(({ volume }) => volume).join(' ')}]: ${cause}`,
    );
  }

  #event(reason: string, message: string): void {
    this.#host.recorder.event(this.#pod, 'Warning', reason, message);
  }
}
