/** Installs packages of Debian where that is possible: as root, with apt-get. Used for what tests compare with. No dependencies. */
import fs from 'node:fs';
import path from 'node:path';
import { run } from './bootstrap.mjs';

/** Whether a program is on the search path, or where root's programs are. */
export function hasProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(path.delimiter).filter(Boolean), '/usr/sbin', '/sbin'];
  return folders.some((folder) => fs.existsSync(path.join(folder, name)));
}

/** Installs the packages; false where they cannot be. */
export async function installPackages(packages) {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !fs.existsSync('/usr/bin/apt-get')) return false;
  console.log(`Installing ${packages.join(', ')} (apt-get) ...`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await run('apt-get', ['update', '-q'], { quiet: true, env });
  const { code } = await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], { quiet: true, env });
  return code === 0;
}
