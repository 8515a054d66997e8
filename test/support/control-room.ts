import type { Visitor } from './browser.ts';
import { ADMIN_KEY, type Stack } from './stack.ts';

/** One operator's browser, signed in with the admin key. */
export interface Operator extends Visitor {
  /** Goes to a view by its address after `#/`. */
  view(path: string): Promise<void>;
}

export async function signIn(visitor: Visitor, stack: Stack): Promise<Operator> {
  const { page } = visitor;
  await page.goto(`${stack.url}/admin`);
  await page.locator('input[name=key]').fill(ADMIN_KEY);
  await page.keyboard.press('Enter');
  await page.locator('nav').waitFor();
  return {
    ...visitor,
    async view(path) {
      await page.goto(`${stack.url}/admin#/${path}`);
      await page.locator('main h1').first().waitFor();
    },
  };
}
