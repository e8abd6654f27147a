/** Durations in kubarium.dev objects are texts in Go's form: "5s", "1m30s". */

/** True for "5s", "1h30m", "-2m", "0". */
export function isDuration(text: string): boolean {
  return /^[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ms|s|m|h))+)$/.test(text);
}
