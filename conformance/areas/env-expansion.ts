/** `$(VAR)` expansion: {text, vars} -> {text}, and a whole env list in which later entries see earlier ones. */
import { expand } from '../../src/apimachinery/expansion.ts';
import type { Area } from '../area.ts';

export const run: Area['run'] = (input) => {
  const { text, vars, env = [] } = input as { text?: string; vars?: Record<string, string>; env?: { name: string; value: string }[] };
  if (text !== undefined) return { text: expand(text, (name) => vars?.[name]) };
  const result: Record<string, string> = {};
  for (const { name, value } of env) result[name] = expand(value, (reference) => result[reference]);
  return { env: result };
};
