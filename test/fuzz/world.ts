import type { World } from './requests.ts';

const CUSTOMERS = 20;

/** A sale to fuzz, made through the API itself. */
export async function createWorld(url: string, adminKey: string): Promise<World> {
  async function call(method: string, path: string, token: string, body?: object) {
    const reply = await fetch(url + path, {
      method,
      headers: {
        'Content-Type': 'application/json',
        ...(token === '' ? {} : { Authorization: `Bearer ${token}` }),
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
    return Object(text === '' ? {} : JSON.parse(text));
  }
  const roomId = 'main';
  await call('POST', '/admin/rooms', adminKey, { roomId, name: 'Main', capacity: 50 });
  const { concertId } = await call('POST', '/admin/concerts', adminKey, {
    concertName: 'C',
    artist: 'A',
    roomId,
    saleBeginAt: '2020-01-01T00:00:00Z',
    saleEndAt: '2099-01-01T00:00:00Z',
  });
  const { optionId } = await call('POST', `/admin/concerts/${concertId}/options`, adminKey, {
    optionName: 'N',
    performAt: '2098-01-01T00:00:00Z',
    price: 10,
    capacityLimit: 1_000,
    refundUntil: '2097-01-01T00:00:00Z',
  });
  const known: World['known'] = {
    roomId: [roomId],
    concertId: [concertId],
    optionId: [optionId],
    seatId: Array.from({ length: 30 }, (_, nth) => nth + 1),
    seats: [[1], [2, 3], [999]],
    customerId: [],
    reservationId: [],
    payMethod: ['POINT'],
    payAmount: [10, 20],
    // Another name: a cancelled performance would leave nothing to do.
    confirm: ['M'],
    // Enough of them stay open for the others to have something to do.
    state: ['OPEN', 'OPEN', 'OPEN', 'PAUSED'],
    active: [true],
    capacity: [50],
  };
  const tokens: World['tokens'] = { admin: [adminKey], queue: [], customer: [] };
  for (let nth = 0; nth < CUSTOMERS; nth += 1) {
    const { customerId } = await call('POST', '/admin/customers', adminKey, { name: 'N' });
    const { token } = await call('POST', '/customer/waiting/enter', '', { customerId });
    await call('POST', '/customer/point/charge', token, { customerId, amount: 1_000 });
    known['customerId']?.push(customerId);
    tokens['queue']?.push(token);
    tokens['customer']?.push(token);
    const { reservationId } = await call('POST', '/reservation/reserve', token, {
      reserver: { customerId, reserverName: 'Kim' },
      concertId,
      performances: [{ optionId, seatId: 500 + nth }],
    });
    known['reservationId']?.push(reservationId);
  }
  return { known, tokens };
}
