/** One check of a probe, through the runtime (`pkg/kubelet/prober/prober.go`). */
import type { Container, IntOrString, Probe } from '../../api/generated/types.ts';
import type { ContainerRuntime, ProbeOutcome } from '../../container-runtime/cri.ts';
import { PROBE_DEFAULTS } from './result.ts';

/** What a check needs to know of its container. */
export interface CheckTarget {
  readonly container: Container;
  readonly containerId: string;
  readonly podIp: string;
}

/** The number of a port given by number or by the name of a container port; undefined when there is none (`ResolveContainerPort`). */
export function resolvePort(port: IntOrString, container: Container): number | undefined {
  const number =
    typeof port === 'number' ? port : (container.ports?.find(({ name }) => name === port)?.containerPort ?? Number.parseInt(port, 10));
  return Number.isInteger(number) && number > 0 && number < 65_536 ? number : undefined;
}

/** Runs the probe's handler once. `done` may be called at once for a handler that cannot run. */
export function checkProbe(runtime: ContainerRuntime, probe: Probe, target: CheckTarget, done: (outcome: ProbeOutcome) => void): void {
  const timeoutMs = (probe.timeoutSeconds ?? PROBE_DEFAULTS.timeoutSeconds) * 1000;
  const { exec, httpGet, tcpSocket, grpc } = probe;
  if (exec) {
    runtime.exec(target.containerId, exec.command ?? [], timeoutMs, (result) => {
      const output = result.error ?? result.stdout + result.stderr;
      done({ success: result.error === undefined && result.exitCode === 0, output });
    });
    return;
  }
  if (grpc) {
    runtime.grpcHealth({ ip: target.podIp, port: grpc.port, service: grpc.service ?? '', timeoutMs }, done);
    return;
  }
  const handler = httpGet ?? tcpSocket;
  if (handler === undefined) return done({ success: true, output: '' });
  const port = resolvePort(handler.port, target.container);
  if (port === undefined) return done({ success: false, output: `couldn't find port: ${JSON.stringify(handler.port)}` });
  const ip = handler.host || target.podIp;
  if (httpGet) runtime.httpGet(httpRequest(httpGet, ip, port, timeoutMs), done);
  else runtime.tcpConnect({ ip, port, timeoutMs }, done);
}

/** The runtime's request for an `httpGet` handler. */
export function httpRequest(
  { scheme, path, httpHeaders }: NonNullable<Probe['httpGet']>,
  ip: string,
  port: number,
  timeoutMs: number,
): Parameters<ContainerRuntime['httpGet']>[0] {
  return { scheme: scheme === 'HTTPS' ? 'HTTPS' : 'HTTP', ip, port, path: path ?? '/', headers: httpHeaders ?? [], timeoutMs };
}
