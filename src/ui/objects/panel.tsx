/** View 6, the objects: every kind with its count, and kubectl's table of the chosen one. */
import { useMemo } from 'react';
import { create } from 'zustand';
import { ALL_RESOURCES } from '../../api/index.ts';
import { PodResource } from '../../api/core/pod.ts';
import { useUiState } from '../state/ui-state.ts';
import { KindPicker } from './kind-picker.tsx';
import { ObjectTable } from './object-table.tsx';
import { useCounts } from './use-counts.ts';
import styles from './panel.module.css';
import type { ResourceDefinition } from '../../api/resource.ts';

/** The chosen kind stays when the view is left and comes back. */
const useChosen = create<{ plural: string }>()(() => ({ plural: `${PodResource.group}/${PodResource.plural}` }));

const idOf = ({ group, plural }: ResourceDefinition): string => `${group}/${plural}`;

/** The panel. */
export function Panel() {
  const chosen = useChosen(({ plural }) => plural);
  const namespace = useUiState((state) => state.namespace);
  const counts = useCounts(namespace);
  const resource = useMemo(() => ALL_RESOURCES.find((one) => idOf(one) === chosen) ?? (PodResource as ResourceDefinition), [chosen]);
  return (
    <div className={styles.panel}>
      <KindPicker
        resources={ALL_RESOURCES}
        counts={counts}
        chosen={chosen}
        onChoose={(one) => useChosen.setState({ plural: idOf(one) })}
        idOf={idOf}
      />
      <ObjectTable key={chosen} resource={resource} />
    </div>
  );
}
