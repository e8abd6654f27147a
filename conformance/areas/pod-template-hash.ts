/** The encoding of template hashes: {hash} -> {text}. */
import { safeEncodeString } from '../../src/apimachinery/safe-encode.ts';
import type { Area } from '../area.ts';

export const run: Area['run'] = (input) => ({ text: safeEncodeString(String(input['hash'])) });
