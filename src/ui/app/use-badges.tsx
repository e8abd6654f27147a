/** Counts on tabs: events in the chosen namespace, problems that were found. */
import type { ReactNode } from 'react';
import { useList } from '../cluster/hooks.ts';
import { EVENTS } from '../cluster/resources.ts';
import { formatNumber, useLanguage } from '../i18n/text.ts';
import { useProblems } from '../state/problems.ts';
import { useUiState } from '../state/ui-state.ts';

/** Badge by panel id. */
export function useBadges(): Readonly<Record<string, ReactNode>> {
  const language = useLanguage();
  const namespace = useUiState((state) => state.namespace);
  const { items } = useList(EVENTS, { namespace });
  const problems = useProblems((state) => Object.values(state.bySource).reduce((sum, { length }) => sum + length, 0));
  return {
    events: items.length > 0 ? formatNumber(language, items.length) : undefined,
    problems: problems > 0 ? formatNumber(language, problems) : undefined,
  };
}
