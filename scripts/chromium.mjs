/** Finds a Chromium for the e2e tests, and installs one where there is none. No dependencies. */
import fs from 'node:fs';
import path from 'node:path';
import { run } from './bootstrap.mjs';
import { installPackages } from './debian.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const FIXED = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium'];

/** Path of an installed Chromium: $CHROMIUM_PATH, then the search path, then the usual places. */
export function findChromium() {
  if (process.env.CHROMIUM_PATH) return process.env.CHROMIUM_PATH;
  const folders = (process.env.PATH ?? '').split(path.delimiter).filter(Boolean);
  const candidates = [...folders.flatMap((folder) => NAMES.map((name) => path.join(folder, name))), ...FIXED];
  return candidates.find((candidate) => fs.existsSync(candidate));
}

/** True where Playwright has downloaded its own Chromium. */
async function hasPlaywrightChromium() {
  const { output } = await run('npx', ['playwright', 'install', '--dry-run', 'chromium'], { quiet: true });
  const location = /Install location:\s+(\S.*)/.exec(output)?.[1]?.trim();
  return location !== undefined && fs.existsSync(location);
}

/**
 * Makes sure there is a Chromium: an installed one, Playwright's own, Debian's package (as root), or Playwright's download.
 * Resolves to its path, or to undefined for Playwright's own.
 */
export async function ensureChromium() {
  const found = findChromium();
  if (found) return found;
  if (await hasPlaywrightChromium()) return undefined;
  if (await installPackages(['chromium'])) return findChromium();
  console.log("Installing Playwright's Chromium ...");
  const asRoot = process.platform === 'linux' && process.getuid?.() === 0;
  const { code, output } = await run('npx', ['playwright', 'install', ...(asRoot ? ['--with-deps'] : []), 'chromium'], { quiet: true });
  if (code !== 0) throw new Error(`no Chromium found and none could be installed; set CHROMIUM_PATH\n${output}`);
  return undefined;
}
