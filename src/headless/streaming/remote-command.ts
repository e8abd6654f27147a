/** exec and attach: a command in a container, its streams on the wire (`k8s.io/kubelet/pkg/cri/streaming/remotecommand`). */
import type { Status } from '../../apimachinery/status.ts';
import type { ContainerTarget } from '../../cluster/node-subresources.ts';
import type { ExecSession } from '../../container-runtime/exec.ts';
import { asStatusError } from '../http/answer.ts';
import type { RemoteStreams, WantedStreams } from './remote-streams.ts';
import type { UpgradeParts } from './upgrade.ts';

const SUCCESS: Status = { apiVersion: 'v1', kind: 'Status', metadata: {}, status: 'Success', code: 200 };
/** Ctrl-C on a terminal. */
const INTERRUPT = '\u0003';

/** Commands whose streams are bytes, not text: `kubectl cp` packs files with tar. */
const speaksBytes = (command: readonly string[] | undefined): boolean =>
  command?.some((word) => /(?:^|[\s/])tar(?:\s|$)/.test(word)) === true;

/** How a command that exited with a code other than 0 is reported. */
export function exitStatus(exitCode: number): Status {
  if (exitCode === 0) return SUCCESS;
  const message = `command terminated with non-zero exit code: Error executing in Docker Container: ${exitCode}`;
  return {
    ...SUCCESS,
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message,
    details: { causes: [{ reason: 'ExitCode', message: String(exitCode) }] },
    code: 500,
  };
}

/** Runs until the command has ended or the client has gone. */
export function runRemoteCommand(
  { cluster, wake }: UpgradeParts,
  target: ContainerTarget,
  command: readonly string[] | undefined,
  wants: WantedStreams,
  streams: RemoteStreams,
): void {
  if (!wants.tty && speaksBytes(command)) streams.encoding = 'latin1';
  let session: ExecSession | undefined;
  const act = (action: (session: ExecSession) => void) => {
    if (session === undefined) return;
    const open = session;
    cluster.sim.perform('kubectl', 'exec', `pods/${target.pod}`, () => action(open));
    wake();
  };
  let ended = false;
  const end = (status: Status) => {
    if (ended) return;
    ended = true;
    streams.finish(status);
  };
  streams.onInput = (text) => act((open) => (wants.tty && text === INTERRUPT ? open.interrupt() : open.write(text)));
  streams.onInputEnd = () => act((open) => open.closeInput());
  streams.onGone = () => {
    if (!ended) act((open) => open.close());
    ended = true;
  };
  streams.ready(() => {
    try {
      const open = () =>
        cluster.openSession(target, command, {
          onStdout: (text) => streams.stdout(text),
          onStderr: (text) => (wants.tty ? streams.stdout(text) : streams.stderr(text)),
          onExit: (exitCode) => end(exitStatus(exitCode)),
          tty: wants.tty,
        });
      session = cluster.sim.perform('kubectl', command === undefined ? 'attach' : 'exec', `pods/${target.pod}`, open);
      if (!wants.stdin && command !== undefined) act((running) => running.closeInput());
    } catch (error) {
      end(asStatusError(error).status);
    }
    wake();
  });
}
