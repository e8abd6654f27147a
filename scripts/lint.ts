/**
 * `npm run lint`: ESLint (host leaks, sizes, types), the import table, dead code, formatting, forbidden texts. Runs them all and lists
 * what failed. lint.test.ts plants faults and proves that each check sees its own.
 */
import { checkImports } from './import-rules.ts';
import { checkTexts } from './forbidden-texts.ts';
import { nodeStage, ROOT, runStages } from './stages.ts';
import type { Stage } from './stages.ts';

const imports: Stage = {
  name: 'imports (dependency-cruiser)',
  async run() {
    const { modules, violations } = await checkImports(ROOT, ['src', 'scripts', 'bench', 'conformance', 'e2e']);
    return modules === 0 ? ['no TypeScript module was read: dependency-cruiser does not know this compiler'] : violations;
  },
};

const cache = ['--cache', '--cache-location', 'node_modules/.cache/eslint/'];
await runStages([
  nodeStage('eslint', ['node_modules/eslint/bin/eslint.js', '--max-warnings', '0', ...cache, '.']),
  imports,
  nodeStage('dead code (knip)', ['node_modules/knip/bin/knip.js', '--no-progress']),
  nodeStage('format (prettier)', ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.']),
  { name: 'texts', run: checkTexts },
  nodeStage('docs/fidelity.md is up to date (npm run update:fidelity)', ['scripts/generate-fidelity.ts', '--check']),
]);
