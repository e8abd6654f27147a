/**
 * Compares the installed client-node with an older one and writes `data/newer-fields.json`: stable types and fields that the older
 * release did not have. Run it after a change of either release, with the older package unpacked somewhere:
 *   node scripts/schema/find-newer-fields.ts <folder of the older @kubernetes/client-node>
 */
import fs from 'node:fs';
import { readSource } from './source.ts';
import type { NewerFields } from './scope.ts';

const [olderFolder] = process.argv.slice(2);
if (!olderFolder) throw new Error('give the folder of the older @kubernetes/client-node');
const types = 'node_modules/kubernetes-types';
const older = readSource(olderFolder, types).definitions;
const current = readSource('node_modules/@kubernetes/client-node', types).definitions;

const newer: NewerFields = {};
for (const name of Object.keys(current).sort()) {
  if (!/\.v\d+\.\w+$/.test(name) || current[name]?.type !== 'object') continue;
  const known = older[name]?.properties;
  if (!known) newer[name] = ['*'];
  else {
    const fields = Object.keys(current[name]?.properties ?? {}).filter((field) => !(field in known));
    if (fields.length > 0) newer[name] = fields;
  }
}
fs.writeFileSync(new URL('./data/newer-fields.json', import.meta.url), `${JSON.stringify(newer, null, 1)}\n`);
