import { admin } from '../support/stack.ts';
import type { Contract } from './harness.ts';

/** What is on sale. */
export function concertContract(contract: Contract): void {
  const { ok, refused, send, sale } = contract;

  it("serves the seed's concert calls", async () => {
    const { concertId, optionId } = await sale({ seats: 3, price: 700 });
    const path = `/concerts/${concertId}`;
    await ok({ method: 'get', path: '/concerts' });
    await ok({ method: 'get', path });
    const { body } = await ok({ method: 'get', path: `${path}/options` });
    expect(body).toEqual({
      concertId,
      performances: [
        {
          optionId,
          optionName: 'Night 1',
          performAt: expect.stringMatching(/Z$/),
          price: 700,
          capacityLimit: 3,
          availableSeats: 3,
        },
      ],
    });
    const free = await ok({ method: 'get', path: `${path}/options/${optionId}` });
    expect(free.body).toEqual({ concertId, optionId, seats: [1, 2, 3], totalSeats: 3 });
    const seatsPath = `${path}/options/${optionId}/seats`;
    const map = await ok({ method: 'get', path: seatsPath });
    expect(map.body.seats[0]).toEqual({ seatId: 1, status: 'AVAILABLE' });
    const etag = String(map.headers['etag']);
    const same = await send({
      method: 'get',
      path: seatsPath,
      headers: { 'If-None-Match': etag },
    });
    expect(same.status).toBe(304);
    // Both tell when a newer map is due.
    const dueMs = [map, same].map(({ headers }) => Number(headers['next-map-in-ms']));
    for (const ms of dueMs) expect(ms).toBeGreaterThanOrEqual(1);
    expect(Math.max(...dueMs)).toBeLessThanOrEqual(1_000);
    await refused('CONCERT_NOT_FOUND', { method: 'get', path: '/concerts/999999' });
    await refused('OPTION_NOT_FOUND', { method: 'get', path: `${path}/options/999999` });
  });

  it('lists what was made or changed here at once, whoever has just asked', async () => {
    const { concertId } = await sale({ seats: 1, price: 700 });
    const { concerts } = contract.stack.services.catalog;
    const cursor = concertId - 1;
    const names = async (): Promise<string[]> => {
      const { body } = await ok({ method: 'get', path: `/concerts?cursor=${cursor}` });
      return body.items.map((one: { concertName: string }) => one.concertName);
    };
    const [before] = await names();
    const path = `/admin/concerts/${concertId}`;
    await ok({ method: 'patch', path, headers: admin, body: { concertName: `${before}, again` } });
    expect(await names()).toEqual([`${before}, again`]);
    const { roomId } = await concerts.get(concertId);
    const body = {
      concertName: 'Another',
      artist: 'Nobody',
      roomId,
      saleBeginAt: '2026-01-01T00:00:00Z',
      saleEndAt: '2099-01-01T00:00:00Z',
    };
    await ok({ method: 'post', path: '/admin/concerts', headers: admin, body });
    expect(await names()).toEqual([`${before}, again`, 'Another']);
    const [one, other] = await Promise.all([concerts.listed(cursor), concerts.listed(cursor)]);
    expect(one).toBe(other);
  });
}
