/** Keeps a fault of one panel from taking the page with it. */
import { Component } from 'react';
import type { ReactNode } from 'react';
import { useText } from '../i18n/text.ts';
import { shellText } from '../i18n/areas/shell.ts';
import { Button } from '../widgets/button.tsx';
import { EmptyState } from '../widgets/empty-state.tsx';

interface Props {
  children: ReactNode;
  /** Before the children are tried again. */
  onRetry?(): void;
}

/** Shows what went wrong and offers to try again. */
export class ErrorBoundary extends Component<Props, { error: Error | undefined }> {
  override state: { error: Error | undefined } = { error: undefined };

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render() {
    const { error } = this.state;
    if (!error) return this.props.children;
    const retry = () => {
      this.props.onRetry?.();
      this.setState({ error: undefined });
    };
    return <Broken error={error} onRetry={retry} />;
  }
}

function Broken({ error, onRetry }: { error: Error; onRetry(): void }) {
  const t = useText(shellText);
  return (
    <EmptyState title={t('panelBroken')} actions={<Button onClick={onRetry}>{t('tryAgain')}</Button>}>
      <code>{error.message}</code>
    </EmptyState>
  );
}
