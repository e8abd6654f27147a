/** New nodes begin tainted not-ready until the node controller has seen them Ready (`plugin/pkg/admission/nodetaint`). */
import type { Node } from '../../api/generated/types.ts';
import { NOT_READY } from '../../api/core/taints.ts';
import type { AdmissionPlugin } from './admission.ts';

export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  admit({ operation, resource }, object) {
    if (operation !== 'CREATE' || resource.kind !== 'Node') return object;
    const node = object as Node;
    const taints = node.spec?.taints ?? [];
    if (taints.some(({ key, effect }) => key === NOT_READY && effect === 'NoSchedule')) return object;
    return { ...node, spec: { ...node.spec, taints: [...taints, { key: NOT_READY, effect: 'NoSchedule' }] } } as Node;
  },
};
