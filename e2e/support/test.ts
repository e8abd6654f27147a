/**
 * Playwright's `test` with what holds for every test of the page: no error in the console, no request to another origin.
 * `newProfile` opens further browser profiles that are watched in the same way.
 */
import { expect, test as base } from '@playwright/test';
import type { BrowserContext, BrowserContextOptions, Page } from '@playwright/test';

interface Watched {
  /** Errors of the console and of scripts, in order. A test that provokes errors empties it. */
  faults: string[];
  /** Opens a further profile, closed at the end of the test. */
  newProfile(options?: BrowserContextOptions): Promise<BrowserContext>;
}

const SAME_PLACE = /^(data|blob|about|chrome-error):/;

/** Notes what a profile must not do. */
function watch(context: BrowserContext, origin: string, faults: string[], foreign: string[]): void {
  context.on('request', (request) => {
    const url = request.url();
    if (!SAME_PLACE.test(url) && new URL(url).origin !== origin) foreign.push(url);
  });
  const watchPage = (page: Page): void => {
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') faults.push(message.text());
    });
  };
  context.pages().forEach(watchPage);
  context.on('page', watchPage);
}

export const test = base.extend<Watched & { foreign: string[] }>({
  faults: async ({ baseURL: _unused }, use) => use([]),
  foreign: async ({ baseURL: _unused }, use) => use([]),
  context: async ({ context, baseURL, faults, foreign }, use) => {
    watch(context, new URL(baseURL ?? '').origin, faults, foreign);
    await use(context);
    expect(foreign, 'requests to other origins').toEqual([]);
    expect(faults, 'errors in the console').toEqual([]);
  },
  newProfile: async ({ browser, baseURL, viewport, faults, foreign }, use) => {
    const opened: BrowserContext[] = [];
    await use(async (options = {}) => {
      const context = await browser.newContext({ baseURL, viewport, ...options });
      watch(context, new URL(baseURL ?? '').origin, faults, foreign);
      opened.push(context);
      return context;
    });
    for (const context of opened) await context.close();
  },
});

export { expect };
