import { describe, expect, it } from 'vitest';
import { Packet, type PacketInit } from '../net/packet.ts';
import { Conntrack } from './conntrack.ts';
import { formatConntrack } from './format.ts';

const CLIENT = 0x0a000001;
const SERVER = 0x0a000002;

/** The table of one namespace with a client and a server on either side of it. */
class Flow {
  readonly conntrack = new Conntrack();
  now = 0;

  send(direction: 'there' | 'back', init: Partial<PacketInit> = {}): Packet {
    const there = direction === 'there';
    const sent = new Packet({
      protocol: 'TCP',
      source: there ? CLIENT : SERVER,
      destination: there ? SERVER : CLIENT,
      sourcePort: there ? 1000 : 80,
      destinationPort: there ? 80 : 1000,
      flags: init.protocol === undefined ? 'S' : '',
      ...init,
    });
    if (this.conntrack.track(sent, this.now) === 'accept') this.conntrack.confirm(sent, this.now);
    return sent;
  }

  tcp(direction: 'there' | 'back', flags: string): Packet {
    return this.send(direction, { flags });
  }

  get entry() {
    return this.conntrack.entries(this.now)[0];
  }

  get text(): string {
    return this.entry === undefined ? '' : formatConntrack(this.entry, this.now);
  }
}

const UDP = { protocol: 'UDP' } as const;

describe('TCP connections', () => {
  it('go through the states of a handshake and an end', () => {
    const flow = new Flow();
    const steps: readonly (readonly ['there' | 'back', string, string, string])[] = [
      ['there', 'S', 'NEW', 'SYN_SENT'],
      ['back', 'SA', 'ESTABLISHED', 'SYN_RECV'],
      ['there', 'A', 'ESTABLISHED', 'ESTABLISHED'],
      ['back', 'PA', 'ESTABLISHED', 'ESTABLISHED'],
      ['there', 'FA', 'ESTABLISHED', 'FIN_WAIT'],
      ['back', 'FA', 'ESTABLISHED', 'LAST_ACK'],
      ['there', 'A', 'ESTABLISHED', 'TIME_WAIT'],
    ];
    const seen = steps.map(([direction, flags]) => [direction, flags, flow.tcp(direction, flags).ctState, flow.entry?.tcp]);
    expect(seen).toEqual(steps);
    expect(flow.entry?.assured).toBe(true);
  });

  it('end after the timeout of their state', () => {
    const flow = new Flow();
    flow.tcp('there', 'S');
    expect(flow.text).toBe(
      'tcp      6 120 SYN_SENT src=10.0.0.1 dst=10.0.0.2 sport=1000 dport=80 [UNREPLIED] src=10.0.0.2 dst=10.0.0.1 sport=80 dport=1000 mark=0 use=1',
    );
    flow.tcp('back', 'SA');
    flow.tcp('there', 'A');
    expect(flow.text).toContain('tcp      6 432000 ESTABLISHED ');
    flow.now = 432_000_000 - 1;
    expect(flow.conntrack.count(flow.now)).toBe(1);
    flow.now += 1;
    expect(flow.conntrack.count(flow.now)).toBe(0);
  });

  it('do not begin with an answer or a reset', () => {
    expect(new Flow().tcp('back', 'SA').ctState).toBe('INVALID');
    expect(new Flow().tcp('there', 'R').ctState).toBe('INVALID');
  });

  it('are picked up in the middle', () => {
    const flow = new Flow();
    expect(flow.tcp('there', 'A').ctState).toBe('NEW');
    expect(flow.entry?.tcp).toBe('ESTABLISHED');
  });

  it('use the ports of a closed connection again', () => {
    const flow = new Flow();
    for (const [direction, flags] of [
      ['there', 'S'],
      ['back', 'SA'],
      ['there', 'A'],
      ['there', 'RA'],
    ] as const)
      flow.tcp(direction, flags);
    expect(flow.entry?.tcp).toBe('CLOSE');
    flow.now = 5000;
    expect(flow.tcp('there', 'S').ctState).toBe('NEW');
    expect(flow.conntrack.count(flow.now)).toBe(1);
    expect(flow.entry?.createdAt).toBe(5000);
  });

  it('are forgotten with a reset before any answer', () => {
    const flow = new Flow();
    flow.tcp('there', 'S');
    flow.tcp('there', 'R');
    expect(flow.conntrack.count(0)).toBe(0);
  });
});

describe('UDP and ICMP', () => {
  it('is established with the answer, and a stream two seconds later', () => {
    const flow = new Flow();
    expect(flow.send('there', UDP).ctState).toBe('NEW');
    expect(flow.send('there', UDP).ctState).toBe('NEW');
    expect(flow.send('back', UDP).ctState).toBe('ESTABLISHED');
    expect(flow.send('there', UDP).ctState).toBe('ESTABLISHED');
    expect(flow.text).toMatch(/^udp {6}17 30 src=/);
    flow.now = 2001;
    flow.send('there', UDP);
    expect(flow.text).toMatch(/^udp {6}17 120 src=.* \[ASSURED\] mark=0 use=1$/);
  });

  it('an echo is answered by an echo reply with the same id', () => {
    const flow = new Flow();
    const ping = { protocol: 'ICMP', sourcePort: 0, destinationPort: 0 } as const;
    expect(flow.send('there', { ...ping, icmp: { type: 8, code: 0, id: 7 } }).ctState).toBe('NEW');
    expect(flow.send('back', { ...ping, icmp: { type: 0, code: 0, id: 8 } }).ctState).toBe('INVALID');
    expect(flow.send('back', { ...ping, icmp: { type: 0, code: 0, id: 7 } }).ctState).toBe('ESTABLISHED');
    expect(flow.text).toBe(
      'icmp     1 30 src=10.0.0.1 dst=10.0.0.2 type=8 code=0 id=7 src=10.0.0.2 dst=10.0.0.1 type=0 code=0 id=7 mark=0 use=1',
    );
  });
});

describe('the table', () => {
  it('drops new connections when it is full of assured ones', () => {
    const flow = new Flow();
    flow.conntrack.max = 1;
    for (const [direction, flags] of [
      ['there', 'S'],
      ['back', 'SA'],
      ['there', 'A'],
    ] as const)
      flow.tcp(direction, flags);
    const other = new Packet({ protocol: 'UDP', source: 1, destination: 2, sourcePort: 3, destinationPort: 4 });
    expect(flow.conntrack.track(other, 0)).toBe('drop');
    expect(flow.tcp('there', 'A').ctState).toBe('ESTABLISHED');
    expect(flow.conntrack.stats.drop).toBe(1);
  });

  it('makes room by dropping one that is not assured', () => {
    const flow = new Flow();
    flow.conntrack.max = 1;
    flow.tcp('there', 'S');
    expect(flow.send('there', UDP).ctState).toBe('NEW');
    expect(flow.text).toMatch(/^udp/);
    expect(flow.conntrack.stats.earlyDrop).toBe(1);
  });

  it('deletes what a filter finds', () => {
    const flow = new Flow();
    flow.tcp('there', 'S');
    flow.send('there', UDP);
    expect(flow.conntrack.delete(0, ({ original }) => original.protocol === 'UDP')).toBe(1);
    expect(flow.conntrack.count(0)).toBe(1);
    expect(flow.send('there', UDP).ctState).toBe('NEW');
  });

  it('holds many connections and forgets those that have ended', () => {
    const flow = new Flow();
    for (let port = 1; port <= 5000; port++) {
      flow.now += 100;
      flow.send('there', { ...UDP, sourcePort: port });
    }
    // 30 s at ten a second.
    expect(flow.conntrack.count(flow.now)).toBe(300);
  });
});
