/** How the tools of the iptables family fail: the text they print, and how they exit. */

/** A line that the tool itself cannot read: exit status 2. The message as `xtables_error` gets it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** What the tool finds in the ruleset does not allow the command: exit status 1. "Index of deletion too big". */
export class RulesetError extends Error {
  override readonly name = 'RulesetError';
}

/** What the kernel refuses: exit status 4. */
export class KernelError extends Error {
  override readonly name = 'KernelError';
}

/** iptables' own words for what is not there. */
export const NO_CHAIN = 'No chain/target/match by that name';
