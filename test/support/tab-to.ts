import type { Page } from 'playwright-core';

/** Far more than any page has between two things that one wants. */
const STOPS_MAX = 40;

/** Goes there as who has no mouse; every stop on the way is drawn as the one that has the focus. */
export async function tabTo(page: Page, selector: string): Promise<void> {
  for (let stop = 0; stop < STOPS_MAX; stop += 1) {
    await page.keyboard.press('Tab');
    const focused = page.locator(':focus');
    if ((await focused.count()) === 0) continue;
    const outline = await page.evaluate('getComputedStyle(document.activeElement).outline');
    expect(outline).not.toMatch(/none|\b0px/);
    if ((await focused.and(page.locator(selector)).count()) > 0) return;
  }
  throw new Error(`no Tab leads to ${selector}`);
}
