/**
 * The ReplicaSet and ReplicationController controllers (`pkg/controller/replicaset`, `pkg/controller/replication`):
 * the same manager over two kinds.
 */
import { ReplicaSetResource } from '../../api/apps/replica-set.ts';
import { ReplicationControllerResource } from '../../api/core/replication-controller.ts';
import { everything, labelSelectorAsSelector, nothing, selectorFromSet } from '../../apimachinery/labels.ts';
import type { ControllerDeps } from '../deps.ts';
import { ReplicaManager } from './manager.ts';

/** Starts the controller of ReplicaSets. */
export function startReplicaSetController(deps: ControllerDeps): void {
  new ReplicaManager(deps, { resource: ReplicaSetResource, selectorOf: ({ spec }) => labelSelectorAsSelector(spec.selector) });
}

/** Starts the controller of ReplicationControllers. */
export function startReplicationController(deps: ControllerDeps): void {
  new ReplicaManager(deps, {
    resource: ReplicationControllerResource,
    selectorOf: ({ spec }) => {
      const selector = selectorFromSet(spec.selector);
      return selector === everything ? nothing : selector;
    },
  });
}
