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

/** What a check found. */
export interface CheckOutcome extends ProbeOutcome {
  /** The check itself did not work: `output` says why, and the probe's result stays what it was. */
  readonly isError?: boolean;
}

/** The number of a port given by number or by the name of a container port; else Go's error text (`ResolveContainerPort`). */
export function resolvePort(port: IntOrString, container: Container): number | string {
  const named = typeof port === 'number' ? port : container.ports?.find(({ name }) => name === port)?.containerPort;
  if (named === undefined && !/^[+-]?\d+$/.test(String(port))) return `strconv.Atoi: parsing ${JSON.stringify(port)}: invalid syntax`;
  const number = named ?? Number(port);
  return number > 0 && number < 65_536 ? number : `invalid port number: ${number}`;
}

/** Runs the probe's handler once. `done` may be called at once for a handler that cannot run. */
export function checkProbe(runtime: ContainerRuntime, probe: Probe, target: CheckTarget, done: (outcome: CheckOutcome) => void): void {
  const timeoutMs = (probe.timeoutSeconds ?? PROBE_DEFAULTS.timeoutSeconds) * 1000;
  const { exec, httpGet, tcpSocket, grpc } = probe;
  if (exec) {
    runtime.exec(target.containerId, exec.command ?? [], timeoutMs, ({ exitCode, stdout, stderr, error, isTimeout }) => {
      if (error === undefined) done({ success: exitCode === 0, output: stdout + stderr });
      else if (isTimeout) done({ success: false, output: error });
      else done({ success: false, output: `rpc error: code = Unknown desc = ${error}`, isError: true });
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
  if (typeof port === 'string') return done({ success: false, output: port, isError: true });
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
