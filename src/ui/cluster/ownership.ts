/**
 * Which tab runs the cluster. Every tab waits for one Web Lock; the one that holds it starts the worker and relays for the others,
 * which speak to it over a BroadcastChannel. When it closes, the browser hands the lock to the next tab, whose new worker recovers
 * from storage. Another lock per tab, held as long as the tab lives, tells the owner when a client is gone.
 *
 * Where the page is no secure context (plain http in a classroom) there are no Web Locks: then who starts first is the owner, says so to
 * whoever asks, and says `gone` when it closes; tabs that close say `bye`.
 *
 * Messages: `hello` (who is the owner?), `owner` (I am), `attach` (let me in), `client` and `server` (frames), `yield` (let me take
 * over), `yielded` (the worker is stopped), `restart` (start a new worker), `visible` (whether the tab can be seen).
 */
import type { ClientFrame, ServerFrame } from '../../worker/protocol.ts';
import type { ClusterConnection, FramePort } from './connection.ts';
import { Relay } from './relay.ts';
import { Visibility } from './visibility.ts';
import { watchOver } from './watchdog.ts';

/** Where the cluster runs, seen from this tab. */
export type Place = 'starting' | 'here' | 'other-tab';

/** What the parts of ownership need from the browser; tests hand in their own. */
export interface OwnershipHost {
  spawn(): FramePort;
  /** Undefined where the page is not a secure context. */
  locks: LockManager | undefined;
  channel(): BroadcastChannel | undefined;
  /** Calls when the tab is being closed. */
  onClose(listener: () => void): void;
  tabId: string;
}

type Message =
  | { type: 'hello'; tab: string }
  /** `to` is one tab, or "*" for all. */
  | { type: 'owner'; to: string }
  | { type: 'attach'; tab: string }
  | { type: 'client'; tab: string; frame: ClientFrame }
  | { type: 'server'; tab: string; frame: ServerFrame }
  | { type: 'yield'; tab: string }
  | { type: 'yielded'; tab: string }
  | { type: 'restart'; tab: string }
  | { type: 'gone' }
  | { type: 'bye'; tab: string }
  | { type: 'visible'; tab: string; visible: boolean };

const CLUSTER_LOCK = 'kubarium-cluster';
const tabLock = (tab: string) => `kubarium-tab-${tab}`;
/** An owner that does not answer for so long is frozen: the cluster is taken from it. */
const YIELD_TIMEOUT_MS = 2000;
/** Without locks: an owner that lives answers within this. */
const ANSWER_MS = 300;
/** Without locks: orphans wait for different times, so that one of them is first. */
const ORPHAN_MS = 800;

/** Keeps a connection attached to the one cluster of this browser. */
export class Ownership {
  readonly #host: OwnershipHost;
  readonly #connection: ClusterConnection;
  readonly #channel: BroadcastChannel | undefined;
  readonly #listeners = new Set<() => void>();
  readonly #visibility: Visibility;
  #relay: Relay | undefined;
  #stopWatchdog: (() => void) | undefined;
  #place: Place = 'starting';
  #remote: FramePort | undefined;
  #yielded: (() => void) | undefined;
  #lost: (() => void) | undefined;
  /** Whether the owner can notice when this tab is gone. Before, it would take a lock that is still free for a tab that was closed. */
  #admissible: boolean;

  constructor(host: OwnershipHost, connection: ClusterConnection) {
    this.#host = host;
    this.#connection = connection;
    this.#channel = host.channel();
    this.#admissible = host.locks === undefined;
    this.#visibility = new Visibility(connection, (visible) => this.#post({ type: 'visible', tab: host.tabId, visible }));
    if (!this.#channel) {
      this.#becomeOwner();
      return;
    }
    this.#channel.onmessage = (event: MessageEvent<Message>) => this.#receive(event.data);
    if (host.locks) {
      void host.locks.request(tabLock(host.tabId), () => {
        this.#admissible = true;
        this.#post({ type: 'hello', tab: host.tabId });
        return new Promise(() => undefined); // held until the tab closes
      });
      void this.#queue({});
    } else {
      host.onClose(() => this.#post(this.#relay ? { type: 'gone' } : { type: 'bye', tab: host.tabId }));
      this.#ownUnlessAnswered(ANSWER_MS);
      this.#post({ type: 'hello', tab: host.tabId });
    }
  }

  /** Where the cluster runs. */
  get place(): Place {
    return this.#place;
  }

  /** Hears of changes of `place`. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Moves the cluster into this tab: the owner stops its worker, then the lock is taken from it. */
  async takeOver(): Promise<void> {
    if (this.#place !== 'other-tab') return;
    await new Promise<void>((resolve) => {
      this.#yielded = resolve;
      setTimeout(resolve, YIELD_TIMEOUT_MS);
      this.#post({ type: 'yield', tab: this.#host.tabId });
    });
    if (this.#host.locks) void this.#queue({ steal: true });
    else this.#becomeOwner();
  }

  /** Starts a new worker in place of one that crashed; it recovers from storage. */
  restart(): void {
    if (this.#place === 'here') this.#becomeOwner();
    else this.#post({ type: 'restart', tab: this.#host.tabId });
  }

  async #queue(options: LockOptions): Promise<void> {
    try {
      await this.#host.locks?.request(CLUSTER_LOCK, options, () => {
        this.#becomeOwner();
        return new Promise(() => undefined); // held until the tab closes or the lock is stolen
      });
    } catch {
      // Stolen: another tab took over. Wait in line again.
      this.#lost?.();
      this.#resign();
      void this.#queue({});
      this.#post({ type: 'hello', tab: this.#host.tabId });
    }
  }

  #becomeOwner(): void {
    this.#lost?.();
    this.#resign();
    const relay = new Relay(this.#host.spawn());
    this.#relay = relay;
    this.#connection.attach(this.#localPort(relay));
    this.#stopWatchdog = watchOver(this.#connection, relay);
    this.#visibility.setOwner(true);
    this.#setPlace('here');
    this.#post({ type: 'owner', to: '*' });
  }

  /** Stops the worker of this tab, if there is one. */
  #resign(): void {
    this.#stopWatchdog?.();
    this.#relay?.close();
    this.#relay = undefined;
    this.#visibility.setOwner(false);
  }

  #localPort(relay: Relay): FramePort {
    const { tabId } = this.#host;
    const port: FramePort = {
      send: (frame) => relay.fromClient(tabId, frame),
      receive: undefined,
      close: () => relay.remove(tabId),
    };
    relay.add(tabId, (frame) => port.receive?.(frame));
    return port;
  }

  #receive(message: Message): void {
    const { tabId } = this.#host;
    if (this.#relay) this.#receiveAsOwner(message, this.#relay);
    else if (message.type === 'owner' && (message.to === tabId || message.to === '*')) {
      if (this.#admissible) this.#follow();
    } else if (message.type === 'server' && message.tab === tabId) this.#remote?.receive?.(message.frame);
    else if (message.type === 'yielded' && message.tab === tabId) this.#yielded?.();
    else if (message.type === 'gone' && !this.#host.locks) this.#orphaned();
  }

  /** Without locks: runs the cluster here if nobody else says that he does. */
  #ownUnlessAnswered(ms: number): void {
    const timer = setTimeout(() => this.#becomeOwner(), ms);
    this.#lost = () => clearTimeout(timer);
  }

  /** Without locks: the owner closed. */
  #orphaned(): void {
    this.#connection.detach('the tab that ran the cluster was closed');
    this.#setPlace('starting');
    this.#ownUnlessAnswered(Math.random() * ORPHAN_MS);
  }

  /** Speaks to the cluster through the tab that runs it. */
  #follow(): void {
    this.#lost?.();
    const { tabId } = this.#host;
    this.#post({ type: 'attach', tab: tabId });
    this.#remote = { send: (frame) => this.#post({ type: 'client', tab: tabId, frame }), receive: undefined, close: () => undefined };
    this.#connection.attach(this.#remote);
    this.#setPlace('other-tab');
  }

  #receiveAsOwner(message: Message, relay: Relay): void {
    switch (message.type) {
      case 'hello':
        return this.#post({ type: 'owner', to: message.tab });
      case 'attach':
        return this.#admit(message.tab, relay);
      case 'client':
        return relay.fromClient(message.tab, message.frame);
      case 'visible':
        return this.#visibility.setClient(message.tab, message.visible);
      case 'restart':
        return this.#becomeOwner();
      case 'bye':
        relay.remove(message.tab);
        return this.#visibility.removeClient(message.tab);
      case 'yield':
        return this.#yieldTo(message.tab);
    }
  }

  #yieldTo(tab: string): void {
    this.#connection.detach('the cluster moves to another tab');
    this.#resign();
    this.#setPlace('starting');
    this.#post({ type: 'yielded', tab });
    // The other tab closed before it took the lock: go on here.
    const timer = setTimeout(() => this.#becomeOwner(), 2 * YIELD_TIMEOUT_MS);
    this.#lost = () => clearTimeout(timer);
  }

  /** Lets a tab in, and notices when it is gone. */
  #admit(tab: string, relay: Relay): void {
    relay.add(tab, (frame) => this.#post({ type: 'server', tab, frame }));
    this.#visibility.setClient(tab, true);
    void this.#host.locks?.request(tabLock(tab), () => {
      relay.remove(tab);
      this.#visibility.removeClient(tab);
    });
  }

  #post(message: Message): void {
    this.#channel?.postMessage(message);
  }

  #setPlace(place: Place): void {
    if (this.#place === place) return;
    this.#place = place;
    for (const listener of this.#listeners) listener();
  }
}
