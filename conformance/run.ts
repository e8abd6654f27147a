/**
 * Runs a folder of conformance cases against Kubarium:
 * `node conformance/run.ts [--cases DIR] [--area AREA]... [--json]`.
 * Prints the failures and closes with "N passed, N failed"; exits with 1 if any failed. The cases of an area that
 * `areas.ts` does not list count as failed. Without --cases the project's own sample runs.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { deepEqual } from '../src/apimachinery/freeze.ts';
import { areas } from './areas.ts';
import type { Area, Case, Suite, SuiteFile } from './area.ts';
import { installExtras } from '../src/cluster/extras.ts';

installExtras();

/** Keys of `expected` that inform the reader and are not compared. */
const INFORMATIVE = new Set(['upstreamText', 'measuredText', 'upstreamCells']);

interface Failure {
  area: string;
  name: string;
  reason: string;
  source?: string;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function judge(area: Area, testCase: Case, suite: Suite): string | undefined {
  const { expected, input } = testCase;
  let actual: Readonly<Record<string, unknown>>;
  try {
    actual = area.run(input, suite);
  } catch (error) {
    if (expected['error'] === true && (error as Error).name === 'StatusError') return undefined;
    return `expected ${JSON.stringify(expected)}\n    but it threw ${messageOf(error)}`;
  }
  for (const key of Object.keys(expected)) {
    if (INFORMATIVE.has(key)) continue;
    const same = area.equal ? area.equal(key, actual[key], expected[key], testCase) : deepEqual(actual[key], expected[key]);
    if (!same)
      return `${key}: expected ${JSON.stringify(expected[key])}\n    ${' '.repeat(key.length)} got      ${JSON.stringify(actual[key])}`;
  }
  return undefined;
}

async function load(name: string): Promise<Area | string> {
  const loader = areas[name];
  if (!loader) return 'unknown area';
  try {
    return await loader();
  } catch (error) {
    return `the area does not load: ${messageOf(error)}`;
  }
}

/** The scheduler's suite has a file per plugin, and cases that are their own input. */
function withArea(file: Partial<SuiteFile>): Partial<SuiteFile> {
  if (typeof file['plugin'] !== 'string') return file;
  return { ...file, area: 'scheduler', cases: file.cases?.map((testCase) => ({ ...testCase, input: { ...testCase } })) };
}

function suitesIn(folder: string): SuiteFile[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const files = names.sort().map((name) => withArea(JSON.parse(readFileSync(join(folder, name), 'utf8')) as Partial<SuiteFile>));
  return files.filter((file): file is SuiteFile => typeof file.area === 'string' && Array.isArray(file.cases));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { cases: { type: 'string' }, area: { type: 'string', multiple: true }, json: { type: 'boolean', default: false } },
  });
  const folder = values.cases ?? fileURLToPath(new URL('./cases', import.meta.url));
  const failures: Failure[] = [];
  const perArea: Record<string, { passed: number; failed: number }> = {};
  for (const file of suitesIn(folder)) {
    const suite: Suite = { file, readJson: (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as unknown };
    for (const testCase of file.cases) {
      const name = testCase.area ?? file.area;
      if (values.area && !values.area.includes(name)) continue;
      const area = await load(name);
      const reason = typeof area === 'string' ? area : judge(area, testCase, suite);
      const counts = (perArea[name] ??= { passed: 0, failed: 0 });
      if (reason === undefined) counts.passed++;
      else {
        counts.failed++;
        failures.push({ area: name, name: testCase.name, reason, ...(testCase.source !== undefined && { source: testCase.source }) });
      }
    }
  }
  const passed = Object.values(perArea).reduce((sum, counts) => sum + counts.passed, 0);
  const closing = `${passed} passed, ${failures.length} failed`;
  if (values.json) {
    console.log(JSON.stringify({ passed, failed: failures.length, areas: perArea, failures }, null, 2));
    console.error(closing);
  } else {
    for (const { area, name, reason } of failures) console.log(`FAIL ${area}: ${name}\n    ${reason}`);
    for (const [area, counts] of Object.entries(perArea)) console.log(`${area}: ${counts.passed} passed, ${counts.failed} failed`);
    console.log(closing);
  }
  // A run without any case proves nothing.
  process.exitCode = failures.length > 0 || passed === 0 ? 1 : 0;
}

await main();
