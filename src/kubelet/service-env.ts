/**
 * The environment variables that tell a container about Services (`pkg/kubelet/envvars/envvars.go`):
 * REDIS_SERVICE_HOST, REDIS_SERVICE_PORT and the Docker-link style REDIS_PORT_6379_TCP_ADDR.
 */
import type { Service } from '../api/generated/types.ts';

/** One variable. */
export interface EnvEntry {
  readonly name: string;
  readonly value: string;
}

const variableName = (text: string): string => text.replaceAll('-', '_').toUpperCase();

/** IPv6 addresses go into brackets before a port (`net.JoinHostPort`). */
export const joinHostPort = (host: string, port: number | string): string => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`);

/** The variables of the services, in order; headless services and those without an address have none (`FromServices`). */
export function serviceEnvironment(services: Iterable<Pick<Service, 'metadata' | 'spec'>>): EnvEntry[] {
  const result: EnvEntry[] = [];
  for (const { metadata, spec } of services) {
    const ip = spec.clusterIP;
    const ports = spec.ports ?? [];
    if (ip === undefined || ip === '' || ip === 'None' || ports.length === 0) continue;
    const prefix = variableName(metadata.name);
    result.push({ name: `${prefix}_SERVICE_HOST`, value: ip }, { name: `${prefix}_SERVICE_PORT`, value: String(ports[0]?.port) });
    for (const { name, port } of ports) {
      if (name) result.push({ name: `${prefix}_SERVICE_PORT_${variableName(name)}`, value: String(port) });
    }
    result.push(...linkVariables(prefix, ip, ports));
  }
  return result;
}

/** `makeLinkVariables`. */
function linkVariables(prefix: string, ip: string, ports: readonly { port: number; protocol?: string }[]): EnvEntry[] {
  const result: EnvEntry[] = [];
  ports.forEach(({ port, protocol = 'TCP' }, index) => {
    const url = `${protocol.toLowerCase()}://${joinHostPort(ip, port)}`;
    if (index === 0) result.push({ name: `${prefix}_PORT`, value: url });
    const portPrefix = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`;
    result.push(
      { name: portPrefix, value: url },
      { name: `${portPrefix}_PROTO`, value: protocol.toLowerCase() },
      { name: `${portPrefix}_PORT`, value: String(port) },
      { name: `${portPrefix}_ADDR`, value: ip },
    );
  });
  return result;
}
