import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WatchEvent } from '../../api/request.ts';
import type { ClientFrame, ServerFrame } from '../../worker/protocol.ts';
import { ClusterConnection } from './connection.ts';
import type { FramePort } from './connection.ts';
import { Relay } from './relay.ts';

class TestPort implements FramePort {
  readonly sent: ClientFrame[] = [];
  receive: ((frame: ServerFrame) => void) | undefined;
  closed = false;
  send(frame: ClientFrame): void {
    this.sent.push(frame);
  }
  close(): void {
    this.closed = true;
  }
  last(): ClientFrame {
    return this.sent.at(-1)!;
  }
}

const get = { verb: 'get' as const, group: '', version: 'v1', resource: 'pods', namespace: 'default', name: 'web' };
const pods = { group: '', version: 'v1', resource: 'pods' };
const added: WatchEvent = {
  type: 'ADDED',
  object: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', uid: '1', resourceVersion: '1', creationTimestamp: '' } },
};
const receiver = () => ({ events: vi.fn(), restarted: vi.fn() });

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a connection', () => {
  it('answers requests by their id', async () => {
    const port = new TestPort();
    const connection = new ClusterConnection();
    connection.attach(port);
    const answer = connection.request(get);
    const response = { code: 200, object: added.object as never, warnings: [] };
    port.receive?.({ type: 'response', id: port.last().id, response });
    expect(await answer).toBe(response);
  });

  it('rejects with the Status that came', async () => {
    const port = new TestPort();
    const connection = new ClusterConnection();
    connection.attach(port);
    const answer = connection.request(get);
    const status = {
      apiVersion: 'v1' as const,
      kind: 'Status' as const,
      metadata: {},
      status: 'Failure' as const,
      code: 404,
      reason: 'NotFound',
      message: 'pods "web" not found',
    };
    port.receive?.({ type: 'failure', id: port.last().id, status });
    await expect(answer).rejects.toMatchObject({ code: 404, reason: 'NotFound', message: 'pods "web" not found' });
  });

  it('keeps calls for the first port', () => {
    const connection = new ClusterConnection();
    void connection.control('hash', {});
    const port = new TestPort();
    connection.attach(port);
    expect(port.sent).toMatchObject([{ type: 'control', name: 'hash' }]);
  });

  it('gives credit back for every batch', () => {
    const port = new TestPort();
    const connection = new ClusterConnection();
    connection.attach(port);
    const watcher = receiver();
    connection.watch(pods, watcher);
    const { id } = port.last();
    port.receive?.({ type: 'events', id, events: [added] });
    expect(watcher.events).toHaveBeenCalledWith([added]);
    expect(port.last()).toEqual({ type: 'credit', id, credit: 1 });
  });

  it('begins its watches again through another port, and fails what had no answer', async () => {
    const first = new TestPort();
    const second = new TestPort();
    const connection = new ClusterConnection();
    connection.attach(first);
    const watcher = receiver();
    connection.watch(pods, watcher);
    const answer = connection.request(get);
    connection.attach(second);
    await expect(answer).rejects.toMatchObject({ code: 503 });
    expect(first.closed).toBe(true);
    expect(watcher.restarted).toHaveBeenCalledOnce();
    expect(second.sent).toMatchObject([{ type: 'watch', request: pods }]);
  });

  it('begins an ended watch again: at once when a fresh cluster is ready, else after a while', () => {
    const port = new TestPort();
    const connection = new ClusterConnection();
    connection.attach(port);
    const watcher = receiver();
    connection.watch(pods, watcher);
    port.receive?.({ type: 'closed', id: port.last().id });
    expect(port.sent).toHaveLength(1);
    vi.advanceTimersByTime(1000);
    expect(port.sent).toHaveLength(2);
    port.receive?.({ type: 'closed', id: port.last().id });
    port.receive?.({ type: 'notice', notice: { kind: 'ready', clock: {} as never, storage: {} as never, recovered: false, bootMs: 1 } });
    expect(port.sent).toHaveLength(3);
    vi.advanceTimersByTime(5000);
    expect(port.sent).toHaveLength(3);
  });

  it('hears nothing more of a watch that it stopped', () => {
    const port = new TestPort();
    const connection = new ClusterConnection();
    connection.attach(port);
    const watcher = receiver();
    const { stop } = connection.watch(pods, watcher);
    const { id } = port.last();
    stop();
    expect(port.last()).toEqual({ type: 'cancel', id });
    port.receive?.({ type: 'events', id, events: [added] });
    expect(watcher.events).not.toHaveBeenCalled();
  });
});

describe('a relay', () => {
  const clock = { kind: 'clock' as const, clock: { paused: true, speed: 1, now: 0, revision: 5, tasks: 1, idle: true } };

  it('keeps the ids of tabs apart', () => {
    const server = new TestPort();
    const relay = new Relay(server);
    const [one, two] = [vi.fn(), vi.fn()];
    relay.add('one', one);
    relay.add('two', two);
    relay.fromClient('one', { type: 'request', id: 1, request: get });
    relay.fromClient('two', { type: 'request', id: 1, request: get });
    const [first, second] = server.sent;
    expect(first?.id).not.toBe(second?.id);
    server.receive?.({ type: 'closed', id: second!.id });
    expect(one).not.toHaveBeenCalled();
    expect(two).toHaveBeenCalledWith({ type: 'closed', id: 1 });
  });

  it('tells a late tab what holds now', () => {
    const server = new TestPort();
    const relay = new Relay(server);
    server.receive?.({ type: 'notice', notice: clock });
    const late = vi.fn();
    relay.add('late', late);
    expect(late).toHaveBeenCalledWith({ type: 'notice', notice: clock });
  });

  it('ends what a tab had under way when it is gone', () => {
    const server = new TestPort();
    const relay = new Relay(server);
    const tab = vi.fn();
    relay.add('tab', tab);
    relay.fromClient('tab', { type: 'watch', id: 7, request: pods, credit: 1 });
    const { id } = server.last();
    relay.remove('tab');
    expect(server.last()).toEqual({ type: 'cancel', id });
    server.receive?.({ type: 'events', id, events: [added] });
    expect(tab).not.toHaveBeenCalled();
  });
});
