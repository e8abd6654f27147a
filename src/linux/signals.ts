/** Signals by name and number (`signal(7)`). */

/** The signals that programs here know. */
export type Signal =
  | 'SIGHUP'
  | 'SIGINT'
  | 'SIGQUIT'
  | 'SIGKILL'
  | 'SIGUSR1'
  | 'SIGSEGV'
  | 'SIGUSR2'
  | 'SIGPIPE'
  | 'SIGALRM'
  | 'SIGTERM'
  | 'SIGCHLD'
  | 'SIGWINCH';

const NUMBERS: Readonly<Record<Signal, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGKILL: 9,
  SIGUSR1: 10,
  SIGSEGV: 11,
  SIGUSR2: 12,
  SIGPIPE: 13,
  SIGALRM: 14,
  SIGTERM: 15,
  SIGCHLD: 17,
  SIGWINCH: 28,
};

/** "SIGTERM" as 15. */
export const signalNumber = (signal: Signal): number => NUMBERS[signal];

/** "15", "TERM", "SIGTERM" or "term" as "SIGTERM"; undefined for what is none. */
export function parseSignal(text: string): Signal | undefined {
  const upper = text.toUpperCase();
  const names = Object.keys(NUMBERS) as Signal[];
  return names.find((name) => name === upper || name.slice(3) === upper || String(NUMBERS[name]) === text);
}

/** Whether a process without a handler survives the signal. */
export const isIgnoredByDefault = (signal: Signal): boolean => signal === 'SIGCHLD' || signal === 'SIGWINCH';
