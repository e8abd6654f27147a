/** From a user's `Image` object to what the simulated registries hold: one repository for each of its names. */
import type { Image, ImageSpec as ImageWish } from '../api/kubarium/image.ts';
import type { Behaviour, ImageSpec, ServerBehaviour } from '../container-runtime/images/image.ts';
import { parseReference } from '../container-runtime/images/reference.ts';

const DEFAULT_LAYER_BYTES = 50_000_000;
const PROGRAM = 'app';
const FOREVER_MS = 10 * 365 * 86_400_000;

/** What to add to the catalogue; names that are no references are left out. */
export function imageSpecsOf({ metadata, spec }: Image): ImageSpec[] {
  const tagsByRepository = new Map<string, string[]>();
  for (const name of spec.names) {
    const reference = parseReference(name);
    if ('error' in reference) continue;
    const tags = tagsByRepository.get(reference.repository) ?? [];
    tagsByRepository.set(reference.repository, [...tags, reference.tag ?? 'latest']);
  }
  return [...tagsByRepository].map(([repository, tags]) => ({
    repository,
    tags: `^(?:${tags.map(escaped).join('|')})$`,
    layers: (spec.layers ?? [{ sizeBytes: DEFAULT_LAYER_BYTES }]).map((layer, index) => ({
      id: 'digest' in layer && layer.digest ? layer.digest : `${metadata.uid}-${index}`,
      sizeBytes: layer.sizeBytes,
    })),
    userland: 'busybox',
    entrypoint: spec.entrypoint ?? [PROGRAM],
    ...(spec.command && { cmd: spec.command }),
    env: Object.fromEntries((spec.env ?? []).map((entry) => [entry.split('=', 1)[0] ?? '', entry.slice(entry.indexOf('=') + 1)])),
    ...(spec.workingDir !== undefined && { workingDir: spec.workingDir }),
    ports: (spec.ports ?? []).map(({ port }) => port),
    programs: { [(spec.entrypoint?.[0] ?? PROGRAM).split('/').at(-1) ?? PROGRAM]: behaviourOf(spec) },
  }));
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function behaviourOf(spec: ImageWish): Behaviour {
  const { behaviour } = spec;
  const program = behaviour?.program ?? (spec.ports?.length ? 'server' : 'sleep');
  const { exitCode = 0, afterMs, logs = [] } = behaviour ?? {};
  switch (program) {
    case 'eater':
      return { kind: 'eater' };
    case 'exit':
      return { kind: 'once', output: logs, runMs: afterMs ?? 0, exitCode };
    case 'sleep':
    case 'shell':
      return { kind: 'once', output: logs, runMs: afterMs ?? FOREVER_MS, exitCode };
    case 'client':
      return client(behaviour?.target ?? '', 1000 / (behaviour?.requestsPerSecond ?? 1));
    default:
      return server(spec);
  }
}

function client(target: string, retryMs: number): Behaviour {
  const [, host = '', port = '80'] = /^(?:\w+:\/\/)?([^:/]+)(?::(\d+))?/.exec(target) ?? [];
  const connect = { host, port: Number(port), waiting: `waiting for ${host}:${port}`, connected: `connected to ${host}:${port}` };
  return { kind: 'worker', connects: host === '' ? [] : [connect], retryMs };
}

function server({ ports = [], startupMs, behaviour }: ImageWish): ServerBehaviour {
  const { response = 'Hello from $(hostname)', statusCode = 200, latencyMs = 1, logs, memoryBytes, milliCpu } = behaviour ?? {};
  const body = response.replaceAll('$(hostname)', '{hostname}');
  return {
    kind: 'server',
    ...(startupMs !== undefined && { startupMs }),
    listen: ports.map(({ port, protocol }) => ({
      port,
      protocol: protocol === 'UDP' ? ('UDP' as const) : ('TCP' as const),
      http: { routes: { '*': { status: statusCode, body, delayMs: latencyMs } } },
    })),
    ...(logs && { startLog: logs }),
    ...(memoryBytes !== undefined && { memoryBytes }),
    ...(milliCpu !== undefined && { milliCpu }),
  };
}
