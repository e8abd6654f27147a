/**
 * `$(VAR)` in a container's command, args and env values (`third_party/forked/golang/expansion/expand.go`).
 * "$$" writes one "$"; a reference that cannot be resolved stays as it is.
 */

/** The text with every reference replaced by its value; values are not expanded again. */
export function expand(text: string, valueOf: (name: string) => string | undefined): string {
  if (!text.includes('$')) return text;
  return text.replace(/\$\$|\$\(([^)]*)\)/g, (match, name: string | undefined) => (match === '$$' ? '$' : (valueOf(name ?? '') ?? match)));
}
