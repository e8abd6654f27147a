/** Stub until the provisioner lands. */
import type { Client } from '../../client/client.ts';
import type { TaskScope } from '../../sim/task-scope.ts';
export class LocalPathProvisioner {
  constructor(_scope: TaskScope, _client: Client) {}
  start(): void {}
}
