/** Plants one fault after the other and proves that lint sees it: a check that finds nothing may also be a check that looks at nothing. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ESLint } from 'eslint';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findForbiddenTexts } from './forbidden-texts.ts';
import { checkImports } from './import-rules.ts';
import { capture, ROOT } from './stages.ts';

let folder = '';
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kubarium-lint-'));
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

function plant(files: Record<string, string>): string {
  const target = fs.mkdtempSync(path.join(folder, 'case-'));
  for (const [file, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(target, file)), { recursive: true });
    fs.writeFileSync(path.join(target, file), content);
  }
  return target;
}

describe('ESLint', () => {
  const eslint = new ESLint({ cwd: ROOT });
  const messagesFor = async (code: string, filePath: string): Promise<string> => {
    const [result] = await eslint.lintText(code, { filePath: path.join(ROOT, filePath) });
    return (result?.messages ?? []).map((message) => `${message.ruleId}: ${message.message}`).join('\n');
  };

  const leaks: [leak: string, code: string, replacement: RegExp][] = [
    ['the real clock', 'export const at = Date.now();', /virtual time/],
    ['a Date without argument', 'export const at = new Date();', /virtual time/],
    ['Date as a function', 'export const at = Date();', /virtual time/],
    ['performance.now', 'export const at = performance.now();', /virtual time/],
    ['unseeded chance', 'export const chance = Math.random();', /TaskScope\.random/],
    ['random ids', 'export const id = crypto.randomUUID();', /seeded/],
    ['a timer', 'setTimeout(() => undefined, 1);', /TaskScope\.after/],
    ['a microtask', 'queueMicrotask(() => undefined);', /TaskScope\.post/],
    ['a Promise', 'export const later = Promise.resolve();', /synchronous/],
    ['an async function', 'export async function load() { return 1; }', /synchronous/],
    ['an async arrow', 'export const load = async () => 1;', /synchronous/],
    ['a dynamic import', "export const load = () => import('./x.ts');", /at the top/],
    ['Intl', "export const collator = new Intl.Collator('en');", /< and >/],
    ['localeCompare', "export const order = 'a'.localeCompare('b');", /< and >/],
    ['toLocaleString', 'export const text = (1).toLocaleString();', /by hand/],
    ['globalThis', 'export const host = globalThis;', /parameters/],
    ['console', "console.log('x');", /Event/],
    ['structuredClone', 'export const copy = structuredClone({});', /spread/],
    ['fetch', "export const page = fetch('/');", /client/],
  ];
  it.each(leaks)('catches %s in the core and names the replacement', async (_leak, code, replacement) => {
    expect(await messagesFor(code, 'src/etcd/planted.ts')).toMatch(replacement);
  });

  it('lets the core make a Date from a number', async () => {
    expect(await messagesFor('export const at = new Date(0).toISOString();\n', 'src/etcd/planted.ts')).toBe('');
  });

  it('lets tests of the core use the host', async () => {
    expect(await messagesFor('export const at = Date.now();\n', 'src/etcd/planted.test.ts')).toBe('');
  });

  const shapes: [fault: string, code: string, rule: string][] = [
    ['any', 'export const x: any = 1;', 'no-explicit-any'],
    ['a default export', 'export default 1;', 'no-restricted-syntax'],
    ['a barrel', "export * from './x.ts';", 'no-restricted-syntax'],
    ['a value import of a type', "import { Pod } from './x.ts';\nexport type P = Pod;", 'consistent-type-imports'],
    ['an empty catch', 'export const f = () => { try { f(); } catch {} };', 'no-empty'],
    ['a file of 401 lines', '\n'.repeat(401), 'max-lines'],
    ['a function of 61 lines', `export function f() {\n${'  f();\n'.repeat(60)}}\n`, 'max-lines-per-function'],
  ];
  it.each(shapes)('catches %s', async (_fault, code, rule) => {
    expect(await messagesFor(code, 'src/etcd/planted.ts')).toContain(rule);
  });

  it('does not let a comment switch a rule off', async () => {
    const comment = ['/* eslint', 'disable */'].join('-');
    expect(await messagesFor(`${comment}\nexport const at = Date.now();`, 'src/etcd/planted.ts')).toContain('virtual time');
  });

  it('catches a forgotten promise at the edges', async () => {
    const code = 'async function save(): Promise<void> {}\nexport function onClick(): void {\n  save();\n}\n';
    expect(await messagesFor(code, 'src/worker/protocol.ts')).toContain('no-floating-promises');
  });

  it('catches a hook in a condition', async () => {
    const code =
      "import { useState } from 'react';\nexport function Planted({ on }: { on: boolean }) {\n  if (on) useState(1);\n  return null;\n}\n";
    expect(await messagesFor(code, 'src/ui/main.tsx')).toContain('rules-of-hooks');
  });
});

describe('the import table', () => {
  const wrong: [rule: string, from: string, to: string][] = [
    ['room-sim', 'src/sim/a.ts', 'src/etcd/b.ts'],
    ['room-apimachinery', 'src/apimachinery/a.ts', 'src/api/b.ts'],
    ['room-linux', 'src/linux/a.ts', 'src/api/b.ts'],
    ['room-client', 'src/client/a.ts', 'src/apiserver/b.ts'],
    ['room-kubelet', 'src/kubelet/a.ts', 'src/cni/b.ts'],
    ['room-scheduler', 'src/scheduler/a.ts', 'src/controller-manager/b.ts'],
    ['room-controller-manager', 'src/controller-manager/job/a.ts', 'src/etcd/b.ts'],
    ['room-cluster', 'src/cluster/a.ts', 'src/worker/b.ts'],
    ['room-ui', 'src/ui/a.ts', 'src/cluster/b.ts'],
    ['room-ui', 'src/ui/a.ts', 'src/worker/journal.ts'],
    ['siblings-controller-manager', 'src/controller-manager/job/a.ts', 'src/controller-manager/deployment/b.ts'],
    ['siblings-scheduler-plugins', 'src/scheduler/plugins/node-name.ts', 'src/scheduler/plugins/node-ports.ts'],
    ['siblings-ui-panels', 'src/ui/panels/events/a.ts', 'src/ui/panels/timeline/b.ts'],
    ['no-tests-in-code', 'src/sim/a.ts', 'src/sim/b.test.ts'],
  ];
  const check = async (files: Record<string, string>) => {
    const root = plant(files);
    fs.mkdirSync(path.join(root, 'scripts'));
    for (const file of ['dependency-cruiser.config.mjs', 'scripts/rooms.mjs', 'tsconfig.base.json', 'package.json']) {
      fs.copyFileSync(path.join(ROOT, file), path.join(root, file));
    }
    return checkImports(root, ['src']);
  };
  const importing = (from: string, to: string): string => {
    const relative = path.posix.relative(path.posix.dirname(from), to);
    return `import { b } from '${relative.startsWith('.') ? relative : `./${relative}`}';\nexport const a = b;\n`;
  };

  it.each(wrong)('%s: %s may not import %s', async (rule, from, to) => {
    const { modules, violations } = await check({ [from]: importing(from, to), [to]: 'export const b = 1;\n' });
    expect(modules).toBe(2);
    expect(violations.map((violation) => violation.split(':')[0])).toContain(rule);
  });

  it('catches an import of types only', async () => {
    const { violations } = await check({
      'src/linux/a.ts': "import type { B } from '../api/b.ts';\nexport type A = B;\n",
      'src/api/b.ts': 'export type B = 1;\n',
    });
    expect(violations.join()).toContain('room-linux');
  });

  it('catches a cycle, a Node module and a missing file', async () => {
    const { violations } = await check({
      'src/sim/a.ts': "import { b } from './b.ts';\nimport fs from 'node:fs';\nexport const a = [b, fs];\n",
      'src/sim/b.ts': "import { a } from './a.ts';\nimport { c } from './c.ts';\nexport const b = () => [a, c];\n",
    });
    expect(violations.map((violation) => violation.split(':')[0])).toEqual(
      expect.arrayContaining(['no-cycles', 'no-node-in-page', 'not-resolvable']),
    );
  });

  it('lets a room know its row, and what that row knows', async () => {
    const right: [string, string][] = [
      ['src/kubelet/a.ts', 'src/container-runtime/b.ts'],
      ['src/kubelet/c.ts', 'src/apimachinery/d.ts'],
      ['src/linux/e.ts', 'src/apimachinery/assert.ts'],
      ['src/controller-manager/job/f.ts', 'src/controller-manager/g.ts'],
      ['src/ui/h.ts', 'src/worker/protocol.ts'],
    ];
    const files = Object.fromEntries(
      right.flatMap(([from, to]) => [
        [from, importing(from, to)],
        [to, 'export const b = 1;\n'],
      ]),
    );
    expect(await check(files)).toEqual({ modules: 10, violations: [] });
  });

  it('reads the real tree', async () => {
    expect((await checkImports(ROOT, ['src/apimachinery'])).modules).toBeGreaterThan(5);
  });
});

describe('the compiler zone of the core', () => {
  const leaks = [
    'setTimeout(() => undefined, 1);',
    'document.title;',
    "fetch('/');",
    'console.log(1);',
    'structuredClone({});',
    "import 'node:fs';",
    'process.exit();',
    'new TextEncoder();',
    "new URL('http://a');",
    'crypto.randomUUID();',
  ];
  it('does not compile a timer, the DOM or Node', async () => {
    const files = Object.fromEntries(leaks.map((leak, index) => [`leak-${index}.ts`, `${leak}\nexport {};\n`]));
    const config = { extends: path.join(ROOT, 'tsconfig.core.json'), include: ['*.ts'] };
    const root = plant({ ...files, 'tsconfig.json': JSON.stringify(config) });
    const { output } = await capture(process.execPath, [path.join(ROOT, 'node_modules/tsgo/bin/tsc'), '-p', root, '--pretty', 'false']);
    const missed = leaks.filter((_leak, index) => !output.includes(`leak-${index}.ts(1,`));
    expect(missed).toEqual([]);
  });
});

describe('dead code', () => {
  it('finds a file, an export and a package that nothing uses', async () => {
    const root = plant({
      'package.json': JSON.stringify({ name: 'planted', type: 'module', dependencies: { immer: '*' } }),
      'knip.json': fs.readFileSync(path.join(ROOT, 'knip.json'), 'utf8'),
      'src/headless/main.ts': "import { used } from './part.ts';\nprocess.exitCode = used;\n",
      'src/headless/part.ts': 'export const used = 1;\nexport const deadExport = 2;\n',
      'src/headless/orphan.ts': 'export const orphan = 1;\n',
    });
    const { code, output } = await capture(process.execPath, [path.join(ROOT, 'node_modules/knip/bin/knip.js'), '--no-progress'], root);
    expect(code).not.toBe(0);
    expect(output).toMatch(/deadExport/);
    expect(output).toMatch(/src\/headless\/orphan\.ts/);
    expect(output).toMatch(/immer/);
    expect(output).not.toMatch(/\bused\b\s+unknown/);
  });
});

describe('texts and format', () => {
  it.each([
    [`// ${'TO' + 'DO'}: later`],
    [`// ${'@ts-' + 'ignore'}`],
    [`const file = '/${'root'}/project/file';`],
    [`see ${'..'}/shared/design`],
  ])('finds %s', (text) => {
    expect(findForbiddenTexts(`first line\n${text}`)).toEqual([expect.stringMatching(/^2: /)]);
  });

  it('finds a file that is not formatted', async () => {
    const root = plant({ 'a.ts': 'export const   a = "x"\n', '.prettierrc': fs.readFileSync(path.join(ROOT, '.prettierrc'), 'utf8') });
    const { code, output } = await capture(
      process.execPath,
      [path.join(ROOT, 'node_modules/prettier/bin/prettier.cjs'), '--check', '.'],
      root,
    );
    expect(code).not.toBe(0);
    expect(output).toMatch(/a\.ts/);
  });
});
