import type { Request } from 'playwright-core';
import type { TestBrowser } from '../support/browser.ts';
import { MOVABLE_CLOCK, moveClock } from '../support/clock.ts';
import { signIn } from '../support/control-room.ts';
import { eventually } from '../support/eventually.ts';
import { onSite } from '../support/site.ts';
import { ADMIN_KEY, type Stack } from '../support/stack.ts';

/** Everything the page loads before its first figures show, compressed, in bytes. */
const FIRST_LOAD_BYTES_MAX = 120_000;

describe('the control room', () => {
  let stack: Stack;
  let browser: TestBrowser;

  onSite({ workers: 1, lineClock: MOVABLE_CLOCK }, (site) => {
    ({ stack, browser } = site);
  });

  /** A room with its slots taken and people waiting, by the line's own calls. */
  async function crowded(capacity: number, people: number) {
    const roomId = await stack.room({ capacity });
    const { line } = stack.services.waitingRoom;
    const customers = await stack.customers(people);
    for (const customerId of customers) await line.enter({ roomId, customerId });
    return { roomId, customers };
  }

  /** Slots given back one after the other over minutes, so that the flow is measured. */
  async function flowing(roomId: string, customers: number[], rounds: number): Promise<void> {
    const { line, admission } = stack.services.waitingRoom;
    for (const customerId of customers.slice(0, rounds)) {
      await admission.measure(roomId);
      await moveClock(stack.services.redis, 6_000);
      await line.leave({ roomId, customerId, seq: 0, reason: 'left' });
    }
    await admission.measure(roomId);
  }

  it('lets in who has the key, keeps it nowhere a script could read, and lets out', async () => {
    const visitor = await browser.visitor();
    const { page, context } = visitor;
    visitor.expect(401);
    const loaded: Request[] = [];
    page.on('requestfinished', (request) => loaded.push(request));
    await page.goto(`${stack.url}/admin`);
    await page.getByLabel('관리자 키').fill('a wrong key');
    await page.keyboard.press('Enter');
    await page.getByText('관리자 키가 맞지 않습니다.').waitFor();
    await visitor.requireAccessible();
    await page.getByLabel('관리자 키').fill(ADMIN_KEY);
    await page.getByRole('button', { name: '로그인' }).click();
    await page.getByRole('heading', { name: '대기실' }).waitFor();
    const sizes = await Promise.all(loaded.map((request) => request.sizes()));
    const bytes = sizes.reduce((sum, size) => sum + size.responseBodySize, 0);
    expect(bytes).toBeGreaterThan(20_000);
    expect(bytes).toBeLessThanOrEqual(FIRST_LOAD_BYTES_MAX);
    expect(await page.evaluate('JSON.stringify([{...localStorage}, {...sessionStorage}])')).toBe(
      '[{},{}]',
    );
    expect(await page.evaluate('document.cookie')).toBe('');
    expect(await context.cookies(`${stack.url}/admin`)).toEqual([
      expect.objectContaining({ httpOnly: true, sameSite: 'Strict', path: '/admin' }),
    ]);
    // A page loaded again is signed in, and may change things: it has its CSRF token.
    await page.reload();
    await page.getByRole('heading', { name: '대기실' }).waitFor();
    await page.getByRole('button', { name: '로그아웃' }).click();
    await page.getByLabel('관리자 키').waitFor();
    await page.reload();
    await page.getByLabel('관리자 키').waitFor();
  });

  it('shows the effect of capacity and rate on the wait before saving; then the line reacts', async () => {
    const { roomId, customers } = await crowded(2, 40);
    await flowing(roomId, customers, 12);
    const visitor = await browser.visitor({ width: 360 });
    const visiting = visitor.page;
    const [last = 0] = await stack.customers(1);
    await visiting.goto(`${stack.url}/rooms/${roomId}`);
    await visiting.locator('input[name=customerId]').fill(String(last));
    await visiting.locator('button[type=submit]').click();
    const number = async () =>
      Number((await visiting.locator('.number').first().textContent())?.replace(/\D/g, ''));
    const before = await number();
    expect(before).toBeGreaterThan(20);

    const operator = await signIn(await browser.visitor({ locale: 'en-US' }), stack);
    const { page } = operator;
    await operator.view(`rooms/${roomId}`);
    const effect = page.locator('.effect');
    await effect.getByText('min').first().waitFor();
    await page.getByLabel('Capacity', { exact: true }).fill('20');
    await effect.getByText('After saving (20)').waitFor();
    const words = async () => (await effect.locator('b').allTextContents()).map(secondsOf);
    await eventually(async () => {
      const [now = 0, after = 0] = await words();
      expect(after).toBeGreaterThan(0);
      expect(after).toBeLessThan(now / 2);
    });
    // A rate caps what the capacity would allow.
    await page.getByLabel('No limit').uncheck();
    await page.getByLabel('Admissions per minute').fill('1');
    await eventually(async () => {
      const [now = 0, after = 0] = await words();
      expect(after).toBeGreaterThan(now);
    });
    // Nothing was saved so far.
    expect((await stack.services.waitingRoom.rooms.get(roomId)).version).toBe(1);
    await page.getByLabel('No limit').check();
    await page.getByRole('button', { name: 'Save' }).first().click();
    await page.getByRole('status').getByText('Saved.').waitFor();
    await eventually(async () => expect(await number()).toBeLessThanOrEqual(before - 15));
    await page.getByText('20 / 20').waitFor();

    await page.getByRole('button', { name: 'Pause' }).click();
    await visiting.getByText('입장이 잠시 멈췄어요', { exact: true }).waitFor();
    await page.getByText('Paused', { exact: true }).first().waitFor();
    await page.getByRole('button', { name: 'Resume' }).click();
    await visiting
      .getByText('입장이 잠시 멈췄어요', { exact: true })
      .waitFor({ state: 'detached' });
    await page.getByLabel('Capacity', { exact: true }).fill('60');
    await page.getByRole('button', { name: 'Save' }).first().click();
    await visiting.getByText('입장하실 차례예요!').first().waitFor();
  });

  it('draws the last ten minutes as soon as the page opens, and goes on live', async () => {
    const { roomId, customers } = await crowded(2, 30);
    await flowing(roomId, customers, 14);
    const operator = await signIn(await browser.visitor({ locale: 'en-US' }), stack);
    await operator.view(`rooms/${roomId}`);
    const { page } = operator;
    const waiting = page.getByRole('img', { name: /^People waiting: Waiting \d+$/ });
    await waiting.waitFor();
    const waits = page.getByRole('img', { name: /^Wait: promised against real: .*Real \d/ });
    await waits.waitFor();
    expect(await page.locator('.plot canvas').count()).toBe(5);
    // Admitted by hand: what was typed stays while the figures go on.
    await page.getByLabel('People', { exact: true }).fill('3');
    const inside = page.locator('.figures').getByText('2 / 2');
    await inside.waitFor();
    await stack.services.waitingRoom.rooms.patch(
      roomId,
      1,
      { state: 'PAUSED', capacity: 9 },
      ACTOR,
    );
    await page.locator('.figures').getByText('2 / 9').waitFor();
    await page.getByRole('button', { name: 'Admit' }).click();
    await page.getByRole('status').getByText('3 admitted.').waitFor();
    await page.locator('.figures').getByText('5 / 9').waitFor();
    await operator.requireAccessible();
  });

  it('shows both values when two operators change the same, and a way on', async () => {
    const { roomId } = await crowded(1, 2);
    const [first, second] = await Promise.all([
      signIn(await browser.visitor({ locale: 'en-US' }), stack),
      signIn(await browser.visitor({ locale: 'ko-KR' }), stack),
    ]);
    first.expect(409);
    await Promise.all([first.view(`rooms/${roomId}`), second.view(`rooms/${roomId}`)]);
    await first.page.getByLabel('Capacity', { exact: true }).fill('50');
    await second.page.getByLabel('동시 입장 인원', { exact: true }).fill('80');
    await second.page.getByRole('button', { name: '저장' }).first().click();
    await second.page.getByText('저장했습니다.').waitFor();
    await first.page.getByRole('button', { name: 'Save' }).first().click();
    const conflict = first.page.locator('.conflict');
    await conflict.getByText('Somebody else saved first').waitFor();
    expect(await conflict.locator('tbody td').allTextContents()).toEqual(['80', '50']);
    await first.requireAccessible();
    const { rooms } = stack.services.waitingRoom;
    expect(await rooms.get(roomId)).toMatchObject({ capacity: 80, version: 2 });
    await conflict.getByRole('button', { name: 'Save mine' }).click();
    await conflict.waitFor({ state: 'detached' });
    expect(await rooms.get(roomId)).toMatchObject({ capacity: 50, version: 3 });
  });
});

const ACTOR = { name: 'test', requestId: 'test' };

/** The lower end of a wait in words, such as `1 min 20 s – 2 min`, in seconds. */
function secondsOf(words: string): number {
  const [from = ''] = words.split('–');
  const units = { h: 3_600, min: 60, s: 1 };
  return Object.entries(units).reduce((sum, [unit, seconds]) => {
    const [, count] = new RegExp(`(\\d+) ${unit}\\b`).exec(from) ?? [];
    return sum + Number(count ?? 0) * seconds;
  }, 0);
}
