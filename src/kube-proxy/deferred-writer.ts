/**
 * Rules that are rendered when somebody looks: a kernel that no packet meets holds what its kube-proxy has written
 * without its text having been made. Whoever looks, or sends a packet, finds the rules of the last sync.
 */
import type { Netfilter } from '../linux/netfilter/netfilter.ts';
import type { RuleWriter } from './rule-writer.ts';
import type { ModelView, ServiceModel } from './service-model.ts';

/** Stands before a writer that only writes to netfilter. Several syncs that nobody has seen become one. */
export class DeferredWriter implements RuleWriter {
  readonly #netfilter: Netfilter;
  readonly #model: ServiceModel;
  readonly #nodeName: string;
  readonly #inner: RuleWriter;
  /** The model as the last sync saw it. */
  #seen: ModelView;
  #zone = '';
  /** What has been written and not rendered; undefined: nothing. */
  #waiting: { readonly changed: Set<string>; full: boolean } | undefined;

  /** `make` gets the model that the writer is to read. */
  constructor(netfilter: Netfilter, model: ServiceModel, nodeName: string, make: (model: ModelView) => RuleWriter) {
    this.#netfilter = netfilter;
    this.#model = model;
    this.#nodeName = nodeName;
    this.#seen = model;
    const seen = (): ModelView => this.#seen;
    this.#inner = make({
      get entries() {
        return seen().entries;
      },
      get endpointCount() {
        return seen().endpointCount;
      },
      zoneOf: () => this.#zone,
    });
  }

  write(changed: ReadonlySet<string> | undefined): void {
    this.#seen = this.#model.snapshot();
    this.#zone = this.#model.zoneOf(this.#nodeName);
    if (this.#waiting === undefined) {
      this.#waiting = { changed: new Set(), full: false };
      this.#netfilter.defer(() => this.#render());
    }
    if (changed === undefined) this.#waiting.full = true;
    else for (const name of changed) this.#waiting.changed.add(name);
  }

  /** What is going to be written as a whole is intact. */
  isIntact(): boolean {
    return (this.#waiting?.full ?? false) || this.#inner.isIntact();
  }

  stop(): void {
    this.#inner.stop?.();
  }

  #render(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    this.#inner.write(waiting.full ? undefined : waiting.changed);
  }
}
