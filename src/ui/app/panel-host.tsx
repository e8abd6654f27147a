/** Shows a panel: loads it when it is first needed, and catches what goes wrong in it. */
import { lazy, Suspense } from 'react';
import type { ComponentType, LazyExoticComponent } from 'react';
import { useText } from '../i18n/text.ts';
import { shellText } from '../i18n/areas/shell.ts';
import type { PanelDefinition, PanelProps } from '../panels.ts';
import { EmptyState } from '../widgets/empty-state.tsx';
import { ErrorBoundary } from './error-boundary.tsx';
import styles from './frame.module.css';

const loaded = new Map<string, LazyExoticComponent<ComponentType<PanelProps>>>();

function componentOf(panel: PanelDefinition): LazyExoticComponent<ComponentType<PanelProps>> {
  let component = loaded.get(panel.id);
  if (!component) loaded.set(panel.id, (component = lazy(async () => ({ default: (await panel.load()).Panel }))));
  return component;
}

/** Forgets a panel that failed to load, so that it is fetched again. */
function forget(panel: PanelDefinition): void {
  loaded.delete(panel.id);
}

/** The panel, or a sign that it comes. */
export function PanelHost({ panel, place }: { panel: PanelDefinition; place: PanelProps['place'] }) {
  const t = useText(shellText);
  const Component = componentOf(panel);
  return (
    <ErrorBoundary onRetry={() => forget(panel)}>
      <Suspense
        fallback={
          <div className={styles.loading}>
            <EmptyState title={t('loadingPanel')} />
          </div>
        }
      >
        <Component place={place} />
      </Suspense>
    </ErrorBoundary>
  );
}
