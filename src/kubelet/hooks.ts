/** postStart and preStop hooks (`pkg/kubelet/lifecycle/handlers.go`). */
import type { Container, LifecycleHandler, Pod } from '../api/generated/types.ts';
import type { ContainerRuntime } from '../container-runtime/cri.ts';
import type { TaskScope } from '../sim/task-scope.ts';
import { podText } from './container-exit.ts';
import { httpRequest, resolvePort } from './probes/check.ts';

/** A hook's HTTP request may take this long, ms; exec hooks have no limit of their own. */
const HOOK_TIMEOUT_MS = 30_000;

/** Where a hook runs. */
export interface HookTarget {
  readonly pod: Pod;
  readonly container: Container;
  readonly containerId: string;
  readonly podIp: string;
  /** For task labels. */
  readonly object: string;
}

const whose = ({ pod, container }: HookTarget): string =>
  `for Container ${JSON.stringify(container.name)} in Pod ${JSON.stringify(podText(pod))} failed - error:`;

/** Runs the hook; `done` gets the failure's text, or nothing. `limitMs`: an exec hook is given up after it. */
export function runHook(
  scope: TaskScope,
  runtime: ContainerRuntime,
  hook: LifecycleHandler,
  target: HookTarget,
  limitMs: number,
  done: (failure?: string) => void,
): void {
  const { exec, httpGet, sleep } = hook;
  if (exec) {
    runtime.exec(target.containerId, exec.command ?? [], limitMs, ({ exitCode, error, stdout, stderr }) => {
      if (error === undefined && exitCode === 0) return done();
      const output = stdout + stderr;
      const command = (exec.command ?? []).join(' ');
      const why = error ?? `command '${command}' exited with ${exitCode}: ${output}`;
      done(`Exec lifecycle hook ([${command}]) ${whose(target)} ${why}, message: ${JSON.stringify(output)}`);
    });
  } else if (httpGet) {
    const port = resolvePort(httpGet.port, target.container);
    const failed = (why: string) => done(`HTTP lifecycle hook (${httpGet.path ?? ''}) ${whose(target)} ${why}`);
    if (typeof port === 'string') return failed(port);
    const request = httpRequest(httpGet, httpGet.host || target.podIp, port, Math.min(limitMs, HOOK_TIMEOUT_MS));
    // Any answer is good: upstream does not look at the status code of a hook's response.
    runtime.httpGet(request, ({ success, output }) => (success || output.includes('statuscode') ? done() : failed(output)));
  } else if (sleep) {
    scope.after(Math.min(sleep.seconds * 1000, limitMs), 'sleep hook', target.object, () => done());
  } else done();
}
