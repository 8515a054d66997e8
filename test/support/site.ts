import { launchBrowser, type TestBrowser } from './browser.ts';
import { type Stack, startStack } from './stack.ts';

export interface Site {
  stack: Stack;
  browser: TestBrowser;
}

/**
 * For one `describe`: starts a stack and a browser that asks nobody else, lets every visitor leave after each
 * test, and ends both.
 *
 * @param ready is handed the two before the first test, and may arrange more
 */
export function onSite(
  options: Parameters<typeof startStack>[0],
  ready: (site: Site) => Promise<void> | void,
): void {
  let site: Site | undefined;
  beforeAll(async () => {
    const stack = await startStack(options);
    site = { stack, browser: await launchBrowser(stack.url) };
    await ready(site);
  });
  afterEach(() => site?.browser.leave());
  afterAll(async () => {
    await site?.browser.close();
    await site?.stack.close();
  });
}
