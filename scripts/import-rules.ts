/**
 * Checks the imports of src/ and the tools against dependency-cruiser.config.mjs. The number of TypeScript modules read is part of the
 * answer, since with a compiler that it does not know dependency-cruiser reads none and is content.
 */
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { cruise } from 'dependency-cruiser';
import type { ICruiseResult, IFlattenedRuleSet, ICruiseOptions } from 'dependency-cruiser';

/** What a check of imports found. */
export interface ImportCheck {
  /** How many files were read. */
  modules: number;
  /** One line each: "rule: from → to (what the rule says)". */
  violations: string[];
}

interface Config extends IFlattenedRuleSet {
  options: ICruiseOptions;
}

/** Checks the folders below `root`, which has its own dependency-cruiser.config.mjs. */
export async function checkImports(root: string, folders: readonly string[]): Promise<ImportCheck> {
  const module = (await import(pathToFileURL(path.join(root, 'dependency-cruiser.config.mjs')).href)) as { default: Config };
  const { forbidden, options } = module.default;
  const present = folders.filter((folder) => fs.existsSync(path.join(root, folder)));
  const cruised = await cruise(present, { ...options, baseDir: root, validate: true, ruleSet: { forbidden } } as ICruiseOptions);
  const { modules, summary } = cruised.output as ICruiseResult;
  const comments = new Map(forbidden?.map((rule) => [rule.name, rule.comment ?? '']));
  return {
    modules: modules.filter((found) => /^src\/.*\.tsx?$/.test(found.source)).length,
    violations: summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to} (${comments.get(rule.name) ?? ''})`),
  };
}
