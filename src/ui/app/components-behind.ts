/** Which tasks, and which components, one object set in motion. */
import type { TaskInfo } from '../../worker/protocol.ts';

/** People and the playground itself are no components of a cluster. */
const NOT_COMPONENTS = /^(you|kubernetes-admin|kubectl|tab|user|clock|)$/;
/** Every write passes through these two; they work inside of the writer's task and have none of their own. */
const BEHIND_EVERY_WRITE = ['kube-apiserver', 'etcd'];
/** The delivery of an event to a component that may do nothing with it. */
const DELIVERY = 'watch';

/** The tasks after the task number `after` that concern the object `name` or follow from one that does, in the order of their numbers. */
export function tasksBehind(tasks: readonly TaskInfo[], after: number, name: string): TaskInfo[] {
  const concerned = new Set<number>();
  return [...tasks]
    .sort((a, b) => a.id - b.id)
    .filter(({ id, object, cause }) => {
      const belongs = id > after && (object.split(/[/ ]/).includes(name) || concerned.has(cause));
      if (belongs) concerned.add(id);
      return belongs;
    });
}

/** The components that acted in these tasks, in order of their first act. */
export function componentsOf(tasks: readonly TaskInfo[]): string[] {
  const acting = tasks.filter(({ component, action }) => action !== DELIVERY && !NOT_COMPONENTS.test(component));
  return acting.length === 0 ? [] : [...new Set([...BEHIND_EVERY_WRITE, ...acting.map(({ component }) => component)])];
}
