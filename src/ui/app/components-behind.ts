/** Which components acted because of one object. */
import type { TaskInfo } from '../../worker/protocol.ts';

/** People and the playground itself are no components of a cluster. */
const NOT_COMPONENTS = /^(you|kubernetes-admin|kubectl|tab|user|clock|)$/;

/**
 * The components whose tasks, after the task number `after`, concern the object `name` or follow from one that does, in order of their
 * first task.
 */
export function componentsBehind(tasks: readonly TaskInfo[], after: number, name: string): string[] {
  const concerned = new Set<number>();
  const components = new Set<string>();
  for (const { id, component, object, cause } of [...tasks].sort((a, b) => a.id - b.id)) {
    if (id <= after) continue;
    const named = object.split(/[/ ]/).includes(name);
    if (!named && !concerned.has(cause)) continue;
    concerned.add(id);
    if (!NOT_COMPONENTS.test(component)) components.add(component);
  }
  return [...components];
}
