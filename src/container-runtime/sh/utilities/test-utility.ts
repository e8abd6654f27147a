/** `test` and `[` as programs. */
import { testExpression } from '../test.ts';
import { complain, type Io, pathOf } from './io.ts';

/** 0 when true, 1 when false. */
export function testUtility(io: Io): number {
  const words = io.argv.slice(1, io.argv[0]?.endsWith('[') ? -1 : undefined);
  return testExpression(
    { process: io.process, path: (text) => pathOf(io, text), complain: (message) => void complain(io, message) },
    words,
  );
}
