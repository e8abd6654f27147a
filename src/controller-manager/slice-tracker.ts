/**
 * Which of our own writes the cache has not shown yet (`k8s.io/endpointslice/util/endpointslice_tracker.go`). Without it
 * a stale cache would make the controller create a slice twice.
 */
import type { EndpointSlice } from '../api/generated/types.ts';
import { keyOf } from '../apimachinery/meta.ts';

/** Stands for "gone" in place of a resourceVersion. */
const GONE = 'gone';

/** Per Service, the slices written and the version that the cache should reach. */
export class SliceTracker {
  readonly #pending = new Map<string, Map<string, string>>();

  /** True while a write to one of the Service's slices has not come back. */
  isStale(serviceKey: string): boolean {
    return this.#pending.has(serviceKey);
  }

  wrote(serviceKey: string, slice: EndpointSlice): void {
    this.#expect(serviceKey, slice, slice.metadata.resourceVersion);
  }

  deletes(serviceKey: string, slice: EndpointSlice): void {
    this.#expect(serviceKey, slice, GONE);
  }

  /** The cache shows this slice, or that it is gone. False when it is not, or not only, our own write. */
  seen(serviceKey: string, slice: EndpointSlice): boolean {
    const expected = this.#pending.get(serviceKey);
    const version = expected?.get(keyOf(slice));
    if (expected === undefined || version === undefined) return false;
    if (version !== GONE && Number(slice.metadata.resourceVersion) < Number(version)) return true;
    expected.delete(keyOf(slice));
    if (expected.size === 0) this.#pending.delete(serviceKey);
    return version === GONE || version === slice.metadata.resourceVersion;
  }

  #expect(serviceKey: string, slice: EndpointSlice, version: string): void {
    const expected = this.#pending.get(serviceKey) ?? new Map<string, string>();
    this.#pending.set(serviceKey, expected.set(keyOf(slice), version));
  }
}
