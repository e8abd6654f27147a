/** What the measures share. */

/** Prints a measure's figures as the last line of its process. */
export function report(figures: Readonly<Record<string, number>>): void {
  process.stdout.write(`${JSON.stringify(figures)}\n`);
}

/** Lets promises and immediates run. */
export const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** Bytes in use after garbage collection; needs --expose-gc. */
export async function heapUsed(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    await settle();
    (globalThis as { gc?: () => void }).gc?.();
  }
  return process.memoryUsage().heapUsed;
}

/** Adds up how long the event loop was held for more than 50 ms at a time; the result ends it and gives ms. */
export function monitorBlocking(): () => number {
  let blocked = 0;
  let before = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    if (now - before > 50 + 5) blocked += now - before - 5;
    before = now;
  }, 5);
  return () => {
    const last = performance.now() - before;
    clearInterval(timer);
    return blocked + (last > 50 ? last : 0);
  };
}
