/**
 * Lint rules. What the compiler already finds is not repeated here. The core's bans complete its compiler zone (no DOM, no Node):
 * they catch what is part of the language itself, and each message names what to use instead.
 */
import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';
import { CORE_ROOMS } from './scripts/rooms.mjs';

const TESTS = ['**/*.test.ts', '**/*.test.tsx', '**/testing/**', 'e2e/**'];

/** Files and functions that may be long, each with its reason. */
const LONG = [
  { files: TESTS, reason: 'tables of cases' },
  { files: ['src/content/**', 'src/ui/i18n/**'], reason: 'texts and scenarios are data' },
  { files: ['**/*.table.ts', '**/*-catalogue.ts', '**/*-table.ts'], reason: 'tables of facts without logic' },
];

const clock = 'use the virtual time: now of TaskScope or Simulation (src/sim)';
const globals = {
  Promise: 'the core is synchronous; waiting is a task: TaskScope.after()',
  Intl: "locale data differs between hosts; compare with < and >, format by hand, and leave the reader's language to ui/",
  globalThis: 'the host enters through parameters',
  setTimeout: 'use TaskScope.after()',
  setInterval: 'use TaskScope.every()',
  queueMicrotask: 'use TaskScope.post()',
  performance: clock,
  crypto: 'use the seeded random source: TaskScope.random (src/sim/random.ts)',
  console: 'record an Event or return a value; logs belong to the edges',
  structuredClone: 'objects are frozen and shared; make a new one by spread or produce()',
  fetch: 'use the client of src/client',
  WeakRef: 'garbage collection is not deterministic',
  FinalizationRegistry: 'garbage collection is not deterministic',
  SharedArrayBuffer: 'the core is one thread',
  Atomics: 'the core is one thread',
  eval: 'parse and interpret instead',
  Function: 'use a function expression',
};
const properties = [
  { object: 'Date', property: 'now', message: clock },
  { object: 'Math', property: 'random', message: 'use the seeded random source: TaskScope.random (src/sim/random.ts)' },
  { property: 'localeCompare', message: 'locale data differs between hosts; compare with < and >' },
  { property: 'toLocaleString', message: 'locale data differs between hosts; format by hand' },
  { property: 'toLocaleDateString', message: 'locale data differs between hosts; format by hand' },
  { property: 'toLocaleTimeString', message: 'locale data differs between hosts; format by hand' },
];
const syntax = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: clock },
  { selector: "CallExpression[callee.name='Date']", message: clock },
  { selector: ':function[async=true]', message: 'the core is synchronous; waiting is a task: TaskScope.after()' },
  { selector: 'AwaitExpression', message: 'the core is synchronous; waiting is a task: TaskScope.after()' },
  { selector: 'ImportExpression', message: 'load it at the top, or hand it in from the edge' },
];
const noDefaultExport = { selector: 'ExportDefaultDeclaration', message: 'name it: export function / const / class' };
const noBarrel = { selector: 'ExportAllDeclaration', message: 'no barrels: import from the file that declares it' };

const sizes = (lines, functionLines) => ({
  'max-lines': ['error', { max: lines }],
  'max-lines-per-function': ['error', { max: functionLines, skipBlankLines: true, skipComments: true, IIFEs: true }],
});

export default tseslint.config(
  { ignores: ['dist/', '**/generated/', '.bench/', 'test-results/', 'playwright-report/', '**/testdata/', '**/fixtures/', 'public/'] },
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    rules: {
      'no-undef': 'off', // the compiler's zones do it better
      'no-restricted-syntax': ['error', noDefaultExport, noBarrel],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'off',
      'prefer-const': 'error',
      'no-control-regex': 'off',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/ban-ts-comment': 'error',
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      'no-empty': ['error', { allowEmptyCatch: false }],
      ...sizes(400, 60),
    },
  },
  {
    files: CORE_ROOMS.map((room) => `src/${room}/**/*.{ts,tsx}`),
    ignores: TESTS,
    rules: {
      'no-restricted-globals': ['error', ...Object.entries(globals).map(([name, message]) => ({ name, message }))],
      'no-restricted-properties': ['error', ...properties],
      'no-restricted-syntax': ['error', noDefaultExport, noBarrel, ...syntax],
    },
  },
  {
    // Promises exist only here, and here a forgotten one loses an error.
    files: ['src/{worker,headless,ui}/**/*.{ts,tsx}', 'e2e/**/*.ts', 'bench/**/*.ts', 'conformance/**/*.ts', 'scripts/**/*.ts'],
    ignores: ['**/fixtures/**'],
    languageOptions: { parserOptions: { project: 'tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      '@typescript-eslint/await-thenable': 'error',
    },
  },
  {
    files: ['src/ui/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    rules: { 'react-hooks/rules-of-hooks': 'error', 'react-hooks/exhaustive-deps': 'error' },
  },
  { files: ['**/*.tsx'], rules: sizes(400, 120) }, // a component's markup is long without being hard
  { files: ['*.config.{js,mjs,ts}'], rules: { 'no-restricted-syntax': ['error', noBarrel], ...sizes(400, 120) } }, // the tools ask for a default export
  ...LONG.map(({ files }) => ({ files, rules: { 'max-lines': 'off', 'max-lines-per-function': 'off' } })),
  { files: TESTS, rules: { '@typescript-eslint/no-non-null-assertion': 'off', '@typescript-eslint/no-empty-function': 'off' } },
);
