import { describe, expect, it } from 'vitest';
import { connect } from './connect.ts';
import { ip, lan, listen } from './testing/lan.ts';
import { transfer } from './transfer.ts';

function connected() {
  const world = lan('vxlan');
  listen(world.b.pods[1]!, 80);
  const outcome = connect(world.a.pods[0]!, ip('10.244.2.3'), 80, 'TCP');
  if (outcome.state !== 'connected') throw new Error(outcome.state);
  return { ...world, connection: outcome.connection };
}

describe('data', () => {
  it('that fits, and that must be cut smaller for the tunnel, arrives', () => {
    const { connection } = connected();
    expect(transfer(connection, 100, 'request')).toBe(true);
    expect(transfer(connection, 100_000, 'request')).toBe(true);
    expect(transfer(connection, 100_000, 'reply')).toBe(true);
  });

  it('is lost for good when the LAN takes less than the tunnel believes', () => {
    const { connection, fabric } = connected();
    fabric.mtu = 1450;
    expect(transfer(connection, 100, 'reply')).toBe(true);
    expect(transfer(connection, 100_000, 'reply')).toBe(false);
  });

  it('is lost for good when nobody may say that it is too long', () => {
    const { connection, a } = connected();
    a.machine.netns.routes.delete(ip('10.244.1.0'), 24);
    expect(transfer(connection, 100_000, 'request')).toBe(false);
  });
});
