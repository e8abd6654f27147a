import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClusterConnection } from './connection.ts';
import type { FramePort } from './connection.ts';
import { Ownership } from './ownership.ts';
import type { ClientFrame, ServerFrame } from '../../worker/protocol.ts';

/** A browser with tabs: locks that can be stolen, a channel, and one worker per spawn that answers every control. */
class Browser {
  readonly workers: { tab: string; running: boolean; received: ClientFrame[] }[] = [];
  readonly #channels = new Set<{ onmessage: ((event: { data: unknown }) => void) | null }>();
  readonly #locks = new Map<string, { tab: string; run(): void; stolen(error: Error): void }[]>();
  readonly #closers = new Map<string, () => void>();

  readonly hasLocks: boolean;
  /** Tabs whose requests for locks are long under way. */
  readonly slow = new Set<string>();

  constructor(hasLocks: boolean) {
    this.hasLocks = hasLocks;
  }

  open(tab: string): { connection: ClusterConnection; ownership: Ownership } {
    const connection = new ClusterConnection();
    const ownership = new Ownership(
      {
        tabId: tab,
        spawn: () => this.#spawn(tab),
        locks: this.hasLocks ? ({ request: (name: string, ...rest: unknown[]) => this.#request(tab, name, rest) } as never) : undefined,
        channel: () => this.#channel(tab) as never,
        onClose: (listener) => this.#closers.set(tab, listener),
      },
      connection,
    );
    return { connection, ownership };
  }

  close(tab: string): void {
    this.#closers.get(tab)?.();
    for (const worker of this.workers) if (worker.tab === tab) worker.running = false;
    for (const channel of this.#channels) if ((channel as { tab?: string }).tab === tab) this.#channels.delete(channel);
    for (const [name, queue] of this.#locks) {
      const held = queue[0]?.tab === tab;
      const rest = queue.filter((entry) => entry.tab !== tab);
      this.#locks.set(name, rest);
      if (held) rest[0]?.run();
    }
  }

  #spawn(tab: string): FramePort {
    const worker = { tab, running: true, received: [] as ClientFrame[] };
    this.workers.push(worker);
    const port: FramePort = {
      send: (frame) => {
        worker.received.push(frame);
        if (frame.type === 'control') queueMicrotask(() => port.receive?.({ type: 'result', id: frame.id, result: tab } as ServerFrame));
      },
      receive: undefined,
      close: () => {
        worker.running = false;
      },
    };
    return port;
  }

  #channel(tab: string) {
    const channel = {
      tab,
      onmessage: null as ((event: { data: unknown }) => void) | null,
      postMessage: (data: unknown) => {
        for (const other of this.#channels)
          if (other !== channel) queueMicrotask(() => this.#channels.has(other) && other.onmessage?.({ data }));
      },
    };
    this.#channels.add(channel);
    return channel;
  }

  #request(tab: string, name: string, rest: unknown[]): Promise<unknown> {
    const [options, callback] = rest.length === 2 ? (rest as [LockOptions, () => unknown]) : [{} as LockOptions, rest[0] as () => unknown];
    return new Promise((_resolve, reject) => {
      if (!this.slow.has(tab)) this.#enqueue(tab, name, options, callback, reject);
      else setTimeout(() => this.#enqueue(tab, name, options, callback, reject), 100);
    });
  }

  #enqueue(tab: string, name: string, options: LockOptions, callback: () => unknown, reject: (error: Error) => void): void {
    const queue = this.#locks.get(name) ?? [];
    this.#locks.set(name, queue);
    const entry = { tab, run: () => void callback(), stolen: reject };
    if (options.steal) {
      queue.shift()?.stolen(new Error('AbortError'));
      queue.unshift(entry);
      queueMicrotask(entry.run);
    } else if (queue.push(entry) === 1) queueMicrotask(entry.run);
  }
}

const settle = () => vi.advanceTimersByTimeAsync(1000);
const answer = ({ connection }: { connection: ClusterConnection }) => connection.control('hash', {});

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('document', { hidden: false, addEventListener: () => undefined });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe.each([
  ['with Web Locks', true],
  ['without Web Locks', false],
])('the cluster of a browser %s', (_name, hasLocks) => {
  const running = (browser: Browser) => browser.workers.filter((worker) => worker.running).map(({ tab }) => tab);

  it('runs once, in the first tab, and answers every tab', async () => {
    const browser = new Browser(hasLocks);
    const one = browser.open('one');
    await settle();
    const two = browser.open('two');
    const three = browser.open('three');
    await settle();
    expect([one, two, three].map(({ ownership }) => ownership.place)).toEqual(['here', 'other-tab', 'other-tab']);
    expect(running(browser)).toEqual(['one']);
    const answers = Promise.all([answer(one), answer(two), answer(three)]);
    await settle();
    expect(await answers).toEqual(['one', 'one', 'one']);
  });

  it('answers a tab whose requests for locks are slow', async () => {
    const browser = new Browser(hasLocks);
    browser.open('one');
    await settle();
    browser.slow.add('two');
    const two = browser.open('two');
    await settle();
    const answered = answer(two);
    await settle();
    expect(await answered).toBe('one');
  });

  it('goes on in the next tab when its tab closes', async () => {
    const browser = new Browser(hasLocks);
    browser.open('one');
    await settle();
    const two = browser.open('two');
    const three = browser.open('three');
    await settle();
    browser.close('one');
    await settle();
    expect(running(browser)).toHaveLength(1);
    expect([two.ownership.place, three.ownership.place].sort()).toEqual(['here', 'other-tab']);
    const answers = Promise.all([answer(two), answer(three)]);
    await settle();
    expect(new Set(await answers)).toEqual(new Set(running(browser)));
  });

  it('moves to the tab that takes it over, and back', async () => {
    const browser = new Browser(hasLocks);
    const one = browser.open('one');
    await settle();
    const two = browser.open('two');
    await settle();
    void two.ownership.takeOver();
    await settle();
    expect(running(browser)).toEqual(['two']);
    expect([one.ownership.place, two.ownership.place]).toEqual(['other-tab', 'here']);
    void one.ownership.takeOver();
    await settle();
    expect(running(browser)).toEqual(['one']);
    const answers = Promise.all([answer(one), answer(two)]);
    await settle();
    expect(await answers).toEqual(['one', 'one']);
  });

  it('starts a new worker for any tab that asks', async () => {
    const browser = new Browser(hasLocks);
    const one = browser.open('one');
    await settle();
    const two = browser.open('two');
    await settle();
    two.ownership.restart();
    await settle();
    expect(browser.workers.map((worker) => worker.running)).toEqual([false, true]);
    const answers = Promise.all([answer(one), answer(two)]);
    await settle();
    expect(await answers).toEqual(['one', 'one']);
  });
});
