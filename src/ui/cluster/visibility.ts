/**
 * Time stands still while nobody looks: the owner pauses the clock when every tab of the cluster is hidden, and lets it go on when one
 * is seen again, but only if it was this that paused it.
 */
import type { ClusterConnection } from './connection.ts';

/** Whether anybody looks at the cluster. */
export class Visibility {
  readonly #connection: ClusterConnection;
  readonly #clients = new Map<string, boolean>();
  #owner = false;
  #paused = true;
  #pausedByMe = false;

  constructor(connection: ClusterConnection, tell: (visible: boolean) => void) {
    this.#connection = connection;
    connection.onNotice((notice) => {
      if (notice.kind === 'clock' || notice.kind === 'ready') this.#paused = notice.clock.paused;
    });
    if (typeof document === 'undefined') return;
    document.addEventListener('visibilitychange', () => {
      tell(!document.hidden);
      this.#look();
    });
  }

  /** Whether this tab runs the cluster; only the owner acts. */
  setOwner(owner: boolean): void {
    this.#owner = owner;
    this.#clients.clear();
  }

  setClient(tab: string, visible: boolean): void {
    this.#clients.set(tab, visible);
    this.#look();
  }

  removeClient(tab: string): void {
    this.#clients.delete(tab);
    this.#look();
  }

  #look(): void {
    if (!this.#owner || typeof document === 'undefined') return;
    const seen = !document.hidden || [...this.#clients.values()].includes(true);
    if (!seen && !this.#paused && !this.#pausedByMe) this.#setPaused(true);
    else if (seen && this.#pausedByMe) this.#setPaused(false);
  }

  #setPaused(paused: boolean): void {
    this.#pausedByMe = paused;
    this.#connection.control('setClock', { paused }).catch(() => undefined); // the worker is gone, and time with it
  }
}
