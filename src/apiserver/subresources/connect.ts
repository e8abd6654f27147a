/**
 * Admission of streams: exec, attach and port-forward are CONNECT, with their options as the object
 * (`k8s.io/apiserver/pkg/endpoints/handlers/rest.go`: ConnectResource). The edges call it before a stream opens.
 */
import type { UserInfo } from '../../api/request.ts';
import type { ApiServer } from '../server.ts';
import { contextOf } from '../verbs.ts';
import { admitBody } from './admission.ts';

/** `PodExecOptions`, `PodAttachOptions` and `PodPortForwardOptions` together: each has some of the fields. */
export interface ConnectOptions {
  stdin?: boolean;
  stdout?: boolean;
  stderr?: boolean;
  tty?: boolean;
  /** Absent: the pod's default. */
  container?: string;
  command?: readonly string[];
  ports?: readonly number[];
}

/** Who opens a stream to which pod. */
export interface ConnectRequest {
  namespace: string;
  /** The pod. */
  name: string;
  subresource: 'exec' | 'attach' | 'portforward';
  user: UserInfo;
  userAgent: string;
}

const KINDS = { exec: 'PodExecOptions', attach: 'PodAttachOptions', portforward: 'PodPortForwardOptions' };

/** Asks policies and webhooks. Returns the options to go on with; throws the refusal. */
export function admitConnect(server: ApiServer, { subresource, ...who }: ConnectRequest, options: ConnectOptions): ConnectOptions {
  const registry = server.registry('', 'pods');
  const request = { verb: 'create', group: '', version: 'v1', resource: 'pods', subresource, ...who, external: true } as const;
  const kind = KINDS[subresource];
  const { admission } = registry.deps;
  const outer = admission.steps;
  try {
    const call = { registry, context: contextOf(request), request, server };
    return admitBody(call, { group: '', version: 'v1', kind, schema: `core.v1.${kind}` }, options, 'CONNECT');
  } finally {
    admission.steps = outer;
  }
}
