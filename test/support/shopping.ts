import type { Locator, Page } from 'playwright-core';
import type { Stack } from './stack.ts';

/** What browser tests of the shop do again and again, on their stack. */
export interface Shopping {
  /** A concert of 20 seats with a room and two customers of its own. */
  sale(options?: { room?: object; price?: number; points?: number }): Promise<{
    roomId: string;
    concertId: number;
    optionIds: [number, ...number[]];
    customers: readonly [number, number];
  }>;
  /** Joins the room in the browser, is let in, and comes to the seats. */
  goShopping(page: Page, as: { roomId: string; customerId: number }): Promise<void>;
  seat(page: Page, seatId: number): Locator;
  holdButton(page: Page): Locator;
}

export function createShopping(stack: Stack): Shopping {
  const seat = (page: Page, seatId: number): Locator =>
    page.getByRole('button', { name: new RegExp(`^(좌석|Seat) ${seatId},`) });
  return {
    seat,
    holdButton: (page) => page.locator('.hold-bar button'),
    async sale(options = {}) {
      const roomId = await stack.room({ capacity: 10, ...options.room });
      const concert = await stack.concert({ roomId, price: options.price ?? 1_000, seats: 20 });
      const [first = 0, second = 0] = await stack.customers(2, options.points ?? 10_000);
      return { roomId, ...concert, customers: [first, second] as const };
    },
    async goShopping(page, { roomId, customerId }) {
      await page.goto(`${stack.url}/rooms/${roomId}`);
      await page.locator('input[name=customerId]').fill(String(customerId));
      await page.locator('button[type=submit]').click();
      await page.locator('.turn a.button').click();
      await seat(page, 1).waitFor();
    },
  };
}
