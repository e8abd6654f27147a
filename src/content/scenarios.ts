/** The gallery: every scenario file beside this one, in the order that its header asks for. */
import { scenarioOf } from '../scenario/header.ts';
import { readScenario } from '../scenario/scenario.ts';
import type { ScenarioCard, ScenarioTag } from '../scenario/scenario.ts';

const files = import.meta.glob<string>('./scenarios/*.yaml', { query: '?raw', import: 'default', eager: true });

/** A card from a scenario file. Throws when the file has no header: a fault of ours, found by the test. */
export function cardOf(yaml: string): ScenarioCard & { order: number } {
  const scenario = scenarioOf(readScenario(yaml).objects);
  if (scenario === undefined) throw new Error('a scenario file begins with a Scenario');
  const { name, annotations = {} } = scenario.metadata;
  return {
    name,
    title: scenario.spec.title ?? { en: name },
    summary: scenario.spec.description ?? {},
    tags: (annotations['kubarium.dev/tags'] ?? '').split(',').filter(Boolean) as ScenarioTag[],
    minutes: Number(annotations['kubarium.dev/minutes'] ?? 3),
    yaml,
    order: Number(annotations['kubarium.dev/order'] ?? 99),
  };
}

/** All scenarios. */
export const SCENARIOS: readonly ScenarioCard[] = Object.values(files)
  .map(cardOf)
  .sort((a, b) => a.order - b.order);
