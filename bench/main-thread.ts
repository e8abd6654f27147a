/** The longest task of the page's main thread while 300 pods roll out, as e2e/performance.spec.ts measures it in Chromium. */
import { execFileSync } from 'node:child_process';

/** CPU time in ms of the longest task: the greater of both speeds' medians. Undefined where there is no browser, or the test failed. */
export function mainThreadMs(): number | undefined {
  let output: string;
  try {
    output = execFileSync(process.execPath, ['node_modules/@playwright/test/cli.js', 'test', 'e2e/performance.spec.ts'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return undefined;
  }
  const bySpeed = new Map<string, number[]>();
  for (const [, speed = '', ms] of output.matchAll(/speed (\w+): CPU time longest (\d+) ms/g)) {
    bySpeed.set(speed, [...(bySpeed.get(speed) ?? []), Number(ms)]);
  }
  const medians = [...bySpeed.values()].map((all) => all.sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? NaN);
  return medians.length > 0 ? Math.max(...medians) : undefined;
}
