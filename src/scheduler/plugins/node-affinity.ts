/**
 * NodeAffinity (`plugins/nodeaffinity/node_affinity.go`). Filter: `nodeSelector` and required node affinity of the pod, and
 * `args.addedAffinity` of the profile, must match. Score: raw = sum of the weights of matching preferred terms of both;
 * 100 · raw / max.
 */
import type { Node, NodeAffinity, PreferredSchedulingTerm } from '../../api/generated/types.ts';
import { StateKey } from '../framework/cycle-state.ts';
import { Action } from '../framework/events.ts';
import type { Plugin } from '../framework/interface.ts';
import { defaultNormalizeScore } from '../framework/normalize.ts';
import { skip, unresolvable } from '../framework/status.ts';
import { namedNodes, nodeSelectorMatches, preferredScore, requiredNodeAffinityMatches } from '../../api/core/node-selector.ts';

const NAME = 'NodeAffinity';
const SKIP = skip(NAME);
const POD_MISMATCH = unresolvable(NAME, "node(s) didn't match Pod's node affinity/selector");
const ENFORCED_MISMATCH = unresolvable(NAME, "node(s) didn't match scheduler-enforced node affinity");
const CONFLICT = unresolvable(NAME, 'pod affinity terms conflict');
const preferredTerms = new StateKey<readonly PreferredSchedulingTerm[]>(`PreScore${NAME}`);

/** Arguments of the plugin. */
interface NodeAffinityArgs {
  addedAffinity?: NodeAffinity;
}

const nodeLike = ({ metadata: { name, labels } }: Node) => ({ name, labels });

/** Makes the NodeAffinity plugin from its `NodeAffinityArgs`. */
export function nodeAffinity(args: Readonly<Record<string, unknown>>): Plugin {
  const { addedAffinity } = args as NodeAffinityArgs;
  const addedRequired = addedAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const addedPreferred = addedAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [];
  return {
    name: NAME,
    nodeLocal: true,
    events: [
      {
        event: { resource: 'Node', action: Action.Add | Action.UpdateNodeLabel },
        hint({ spec }, { old, object }) {
          if (addedRequired && !nodeSelectorMatches(addedRequired, nodeLike(object as Node))) return false;
          if (!requiredNodeAffinityMatches(spec, nodeLike(object as Node))) return false;
          return old === undefined || !requiredNodeAffinityMatches(spec, nodeLike(old as Node));
        },
      },
    ],
    preFilter(_state, { pod: { spec } }) {
      const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
      if (required === undefined && spec.nodeSelector === undefined && addedRequired === undefined) return SKIP;
      const nodeNames = required && namedNodes(required);
      if (nodeNames === undefined) return undefined;
      return nodeNames.size === 0 ? CONFLICT : { nodeNames };
    },
    filter(_state, { pod: { spec } }, node) {
      if (addedRequired !== undefined && !nodeSelectorMatches(addedRequired, node)) return ENFORCED_MISMATCH;
      return requiredNodeAffinityMatches(spec, node) ? undefined : POD_MISMATCH;
    },
    preScore(state, { pod: { spec } }) {
      const terms = [...addedPreferred, ...(spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? [])];
      if (terms.length === 0) return SKIP;
      state.write(preferredTerms, terms);
      return undefined;
    },
    score(state, _pod, node) {
      return preferredScore(state.read(preferredTerms) ?? [], node);
    },
    normalizeScore(_state, _pod, nodes, scores) {
      defaultNormalizeScore(scores, nodes.length, false);
    },
  };
}
