/** Connections that leave HTTP behind. */
import type { Server } from 'node:http';
import type { Cluster } from '../../cluster/cluster.ts';

/** Takes over connections that ask for another protocol. */
export function acceptUpgrades(server: Server, _parts: { cluster: Cluster; wake: () => void }): void {
  server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
}
