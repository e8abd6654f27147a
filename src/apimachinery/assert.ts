/**
 * Throws when a programmer's assumption does not hold. Never used for bad input: that gets a `StatusError`.
 * The simulation catches it, stops, and reports seed and task number.
 */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** A broken invariant of Kubarium itself. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}
