/** What is wrong with an expression, and how cel-go prints it (`cel-go/common/{error,errors}.go`). */

/** One finding. */
export interface Issue {
  /** UTF-16 units from the start. */
  readonly at: number;
  readonly message: string;
}

/** Thrown inside parser and checker. */
export class CelSyntaxError extends Error {
  readonly at: number;

  constructor(at: number, message: string) {
    super(message);
    this.at = at;
  }
}

/** All findings as cel-go writes them: message, the line, and a mark under the place. */
export function issuesText(source: string, issues: readonly Issue[]): string {
  return [...issues]
    .sort((a, b) => a.at - b.at)
    .map(({ at, message }) => {
      const before = source.slice(0, at);
      const line = before.split('\n').length;
      const lineStart = before.lastIndexOf('\n') + 1;
      const column = [...before.slice(lineStart)].length;
      const text = source.slice(lineStart).split('\n', 1)[0] ?? '';
      return `ERROR: <input>:${line}:${column + 1}: ${message}\n | ${text.replaceAll('\t', ' ')}\n | ${'.'.repeat(column)}^`;
    })
    .join('\n');
}
