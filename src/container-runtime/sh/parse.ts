/** Parsed scripts, kept by text: all containers that run the same script share one tree. */
import { parse, type ParsedScript } from 'unbash';

const KEPT = 512;
const cache = new Map<string, ParsedScript>();

/** The tree of a script; `errors` in it when it is not valid. */
export function parseScript(text: string): ParsedScript {
  let script = cache.get(text);
  if (script === undefined) {
    script = parse(text);
    if (cache.size >= KEPT) cache.clear();
    cache.set(text, script);
  }
  return script;
}

/** The first syntax error of a script, in ash's words. */
export const syntaxError = (script: ParsedScript): string | undefined => {
  const first = script.errors?.[0];
  return first === undefined ? undefined : `syntax error: ${first.message}`;
};
