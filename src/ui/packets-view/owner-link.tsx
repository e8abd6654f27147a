/** The object behind a rule or a drop, as a link that shows it in the inspector. */
import type { TraceOwner } from '../../api/kubarium/packet-trace.ts';
import { useUiState } from '../state/ui-state.ts';
import styles from './owner-link.module.css';

const API_VERSIONS: Readonly<Record<string, string>> = {
  NetworkPolicy: 'networking.k8s.io/v1',
  Ingress: 'networking.k8s.io/v1',
  EndpointSlice: 'discovery.k8s.io/v1',
  DaemonSet: 'apps/v1',
  Fault: 'kubarium.dev/v1alpha1',
};

/** The link; other kinds are of the core group. */
export function OwnerLink({ owner: { kind, namespace, name } }: { owner: TraceOwner }) {
  const select = useUiState((state) => state.select);
  const ref = { apiVersion: API_VERSIONS[kind] ?? 'v1', kind, ...(namespace && { namespace }), name };
  return (
    <button
      type="button"
      className={styles.link}
      onClick={(event) => {
        event.stopPropagation(); // the block around it would change the step
        select(ref, true);
      }}
    >
      {kind} {namespace ? `${namespace}/${name}` : name}
    </button>
  );
}
