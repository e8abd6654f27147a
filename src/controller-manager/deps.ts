/**
 * What every controller is given (`k8s.io/kubernetes/cmd/kube-controller-manager/app.ControllerContext`).
 */
import type { Client } from '../client/client.ts';
import type { EventRecorder } from '../client/event-recorder.ts';
import type { InformerFactory } from '../client/informer.ts';
import type { TaskScope } from '../sim/task-scope.ts';

/** A controller's world. `scope` and `client` are its own, `informers` are shared by the whole manager. */
export interface ControllerDeps {
  scope: TaskScope;
  /** Acts as the controller's service account. */
  client: Client;
  informers: InformerFactory;
  recorder: EventRecorder;
}

/**
 * How long a workload controller waits for more pod events before it looks at `pods` pods again: nothing up to 100,
 * then 0.1 ms a pod, at most 1 s.
 * Differs: a workload of more than 100 pods is looked at again up to one second after a pod changes, upstream at once: thousands of
 * pods that start together would cost steps by their square.
 */
export function coalesceMs(pods: number): number {
  return pods <= 100 ? 0 : Math.min(1000, Math.ceil(pods / 10));
}
