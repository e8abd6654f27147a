/** The coordinates of the resources that the shell itself reads: without the definitions, which would weigh on the first load. */
import type { Event, Namespace, Node, Pod } from '../../api/generated/types.ts';
import type { Scenario } from '../../api/kubarium/scenario.ts';
import type { ResourceRef } from './live-store.ts';

const core = (plural: string) => ({ group: '', version: 'v1', plural });

export const PODS: ResourceRef<Pod> = core('pods');
export const NODES: ResourceRef<Node> = core('nodes');
export const NAMESPACES: ResourceRef<Namespace> = core('namespaces');
export const EVENTS: ResourceRef<Event> = core('events');
export const SCENARIOS: ResourceRef<Scenario> = { group: 'kubarium.dev', version: 'v1alpha1', plural: 'scenarios' };
