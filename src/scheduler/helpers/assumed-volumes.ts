/** Volumes promised to claims of pods whose binding is under way (`plugins/volumebinding/assume_cache.go`). */
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/generated/types.ts';

/** Volume name → the claim it is promised to. */
export class AssumedVolumes {
  readonly #promises = new Map<string, { claimUid: string; podUid: string }>();

  assume(volume: PersistentVolume, claim: PersistentVolumeClaim, podUid: string): void {
    this.#promises.set(volume.metadata.name, { claimUid: claim.metadata.uid, podUid });
  }

  /** Whether the volume is promised to another claim. */
  has(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
    const promise = this.#promises.get(volume.metadata.name);
    return promise !== undefined && promise.claimUid !== claim.metadata.uid;
  }

  /** Takes back what was promised for the pod. */
  release(podUid: string): void {
    for (const [name, promise] of this.#promises) if (promise.podUid === podUid) this.#promises.delete(name);
  }
}
