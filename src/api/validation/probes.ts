/** Probes and lifecycle hooks (`validateProbe`, `validateHandler`, `validateLifecycle`). */
import { broken, notNegative, oneOf, validatePortNumberOrName } from './common.ts';
import { forbiddenField, invalidValue, required } from '../../apimachinery/status.ts';
import { isHTTPHeaderName, isPortNumber } from '../../apimachinery/names.ts';
import type { Container, HTTPGetAction, Lifecycle, LifecycleHandler, Probe } from '../generated/types.ts';
import type { FieldError } from '../../apimachinery/status.ts';

type Handler = LifecycleHandler & Pick<Probe, 'grpc'>;

function validateHttpGet(action: HTTPGetAction, path: string): FieldError[] {
  const errors = action.path ? [] : [required(`${path}.path`)];
  errors.push(...validatePortNumberOrName(`${path}.port`, action.port), ...oneOf(`${path}.scheme`, action.scheme, ['HTTP', 'HTTPS']));
  for (const { name } of action.httpHeaders ?? []) errors.push(...broken(`${path}.httpHeaders`, name, isHTTPHeaderName(name)));
  return errors;
}

function validateHandler(handler: Handler, gracePeriodSeconds: number, path: string): FieldError[] {
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler;
  const errors: FieldError[] = [];
  let handlers = 0;
  const take = (name: string, present: boolean, check: (at: string) => FieldError[]): void => {
    if (!present) return;
    handlers++;
    errors.push(
      ...(handlers > 1 ? [forbiddenField(`${path}.${name}`, 'may not specify more than 1 handler type')] : check(`${path}.${name}`)),
    );
  };
  take('exec', exec !== undefined, (at) => (exec?.command?.length ? [] : [required(`${at}.command`)]));
  take('httpGet', httpGet !== undefined, (at) => (httpGet ? validateHttpGet(httpGet, at) : []));
  take('tcpSocket', tcpSocket !== undefined, (at) => (tcpSocket ? validatePortNumberOrName(`${at}.port`, tcpSocket.port) : []));
  take('grpc', grpc !== undefined, (at) => (grpc ? broken(`${at}.port`, grpc.port, isPortNumber(grpc.port)) : []));
  take('sleep', sleep !== undefined, (at) => {
    if (!sleep || (sleep.seconds >= 0 && sleep.seconds <= gracePeriodSeconds)) return [];
    const range = `must be non-negative and less than terminationGracePeriodSeconds (${gracePeriodSeconds})`;
    return [invalidValue(`${at}.seconds`, sleep.seconds, `invalid value. Got ${sleep.seconds}, ${range}`)];
  });
  return handlers === 0 ? [required(path, 'must specify a handler type')] : errors;
}

const COUNTS = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'] as const;

function validateProbe(probe: Probe, grace: number, path: string): FieldError[] {
  const errors = validateHandler(probe, grace, path);
  for (const field of COUNTS) errors.push(...notNegative(`${path}.${field}`, probe[field]));
  const { terminationGracePeriodSeconds: seconds } = probe;
  if (seconds !== undefined && seconds <= 0)
    errors.push(invalidValue(`${path}.terminationGracePeriodSeconds`, seconds, 'must be greater than 0'));
  return errors;
}

function validateRestartingProbe(probe: Probe | undefined, grace: number, path: string): FieldError[] {
  if (!probe) return [];
  const errors = validateProbe(probe, grace, path);
  if (probe.successThreshold !== 1) errors.push(invalidValue(`${path}.successThreshold`, probe.successThreshold, 'must be 1'));
  return errors;
}

function validateReadinessProbe(probe: Probe | undefined, grace: number, path: string): FieldError[] {
  if (!probe) return [];
  const errors = validateProbe(probe, grace, path);
  const { terminationGracePeriodSeconds: seconds } = probe;
  if (seconds !== undefined)
    errors.push(invalidValue(`${path}.terminationGracePeriodSeconds`, seconds, 'must not be set for readinessProbes'));
  return errors;
}

function validateLifecycle(lifecycle: Lifecycle | undefined, grace: number, path: string): FieldError[] {
  if (!lifecycle) return [];
  return [
    ...(lifecycle.postStart ? validateHandler(lifecycle.postStart, grace, `${path}.postStart`) : []),
    ...(lifecycle.preStop ? validateHandler(lifecycle.preStop, grace, `${path}.preStop`) : []),
  ];
}

/** Hooks and probes of a container that runs as long as the pod. */
export function validateProbes(container: Container, gracePeriodSeconds: number, path: string): FieldError[] {
  return [
    ...validateLifecycle(container.lifecycle, gracePeriodSeconds, `${path}.lifecycle`),
    ...validateRestartingProbe(container.livenessProbe, gracePeriodSeconds, `${path}.livenessProbe`),
    ...validateReadinessProbe(container.readinessProbe, gracePeriodSeconds, `${path}.readinessProbe`),
    ...validateRestartingProbe(container.startupProbe, gracePeriodSeconds, `${path}.startupProbe`),
  ];
}
