/** Whether a DaemonSet's pod is to run on a node. */
import type { Node, PodSpec } from '../../src/api/generated/types.ts';
import { shouldRun } from '../../src/controller-manager/daemonset/eligibility.ts';
import type { Area } from '../area.ts';

export const run: Area['run'] = ({ node, podSpec }) => ({ ...shouldRun(podSpec as PodSpec, node as Node) });
