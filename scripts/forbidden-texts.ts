/** Words that must not be in the repository: switched-off checks, notes to oneself, and paths or hosts of one machine. */
import fs from 'node:fs';
import path from 'node:path';
import { capture, ROOT } from './stages.ts';

/** Written in halves, so that this file passes its own check. */
const FORBIDDEN: [text: RegExp, reason: string][] = [
  [new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X'].join('|')})\\b(?!-)`), 'finish it, or open an issue'],
  [
    new RegExp(['eslint' + '-disable', '@ts-' + 'ignore', '@ts-' + 'nocheck', 'prettier' + '-ignore'].join('|')),
    'solve what the check says',
  ],
  [new RegExp(`(^|[\\s"'(\`])/(${['work', 'root', 'home'].join('|')})/[a-z]+/`), 'a path of one machine'],
  [/\.\.\/shared\//, 'lies outside the repository'],
];

const TEXT_FILES = /\.(ts|tsx|js|mjs|json|css|html|md|sh)$/;

/** Faults in one file's text, as "line: fault". */
export function findForbiddenTexts(text: string): string[] {
  return text
    .split('\n')
    .flatMap((line, index) =>
      FORBIDDEN.filter(([pattern]) => pattern.test(line)).map(
        ([pattern, reason]) => `${index + 1}: ${pattern.exec(line)?.[0].trim()} (${reason})`,
      ),
    );
}

/** Faults in all files that git knows or would add. Test data from outside is left as it is. */
export async function checkTexts(): Promise<string[]> {
  const { output } = await capture('git', ['ls-files', '--cached', '--others', '--exclude-standard']);
  const files = output
    .split('\n')
    .filter((file) => TEXT_FILES.test(file) && !/package-lock|fixtures\/|testdata\/|conformance\/cases\//.test(file));
  return files
    .filter((file) => fs.existsSync(path.join(ROOT, file)))
    .flatMap((file) => findForbiddenTexts(fs.readFileSync(path.join(ROOT, file), 'utf8')).map((fault) => `${file}:${fault}`));
}
