/** Ages in tables: {nanoseconds, style} -> {text}. */
import { humanDuration, shortHumanDuration } from '../../src/apimachinery/durations.ts';
import type { Area } from '../area.ts';

export const run: Area['run'] = (input) => {
  const ms = Number(input['nanoseconds']) / 1e6;
  return { text: input['style'] === 'short' ? shortHumanDuration(ms) : humanDuration(ms) };
};
