import { ERRORS } from '../../src/platform/errors.ts';
import type { Contract } from './harness.ts';

const place =
  'customerId watingNumber status remainingTime token waitingNumber roomId pollAfterMs placeHeldUntil recovering eta';
const concert = 'concertId concertName artist saleBeginAt saleEndAt roomId onSale';
const performance = 'optionId optionName performAt price capacityLimit availableSeats';
const ticket =
  'reserverName concertId concertName optionId optionName performAt optionPrice status seatId ticketId';
const settings =
  'roomId name state capacity admitPerMinute slotSeconds claimSeconds graceSeconds waitingMax pollBudgetPerSecond opensAt closesAt title message colour version';
const stats =
  'waiting returning active capacity admittedPerMinute finishedPerMinute oldestWaitSeconds slotIdleMs.p50 slotIdleMs.p99 pollsPerSecond eta etaCoverage recovering';

/** The published tables, by hand: a field that is renamed in a schema is missed here. */
const CALLS: [call: string, fields: string, under?: string][] = [
  ['POST /customer/waiting/enter', place],
  ['POST /customer/waiting/check', place],
  ['GET /customer/waiting', place],
  ['DELETE /customer/waiting', ''],
  ['GET /customer/waiting/stream', ''],
  ['POST /customer/identify', 'customerId token'],
  ['POST /customer/point/balance', 'customerId balance heldAmount'],
  ['POST /customer/point/charge', 'customerId balance transferId'],
  ['GET /customer/point/history', 'transferId kind amount balance at ref', 'items[].'],
  ['GET /customer/point/history', 'next'],
  ['GET /concerts', concert, 'items[].'],
  ['GET /concerts', 'next'],
  ['GET /concerts/{concertId}', concert],
  ['GET /concerts/{concertId}/options', 'concertId performances'],
  ['GET /concerts/{concertId}/options', performance, 'performances[].'],
  ['GET /concerts/{concertId}/options/{optionId}', 'concertId optionId seats[] totalSeats'],
  ['GET /concerts/{concertId}/options/{optionId}/seats', 'seatId status', 'seats[].'],
  ['GET /concerts/{concertId}/options/{optionId}/seats', 'asOf'],
  ['POST /reservation/reserve', ticket, 'tickets[].'],
  ['POST /reservation/reserve', 'reservationId expiresAt remainingTime total'],
  ['POST /reservation/pay', `${ticket} reservedAt`, 'tickets[].'],
  ['POST /reservation/pay', 'payMethod payAmount', 'pay[].'],
  ['POST /reservation/pay', 'customerId paymentId reservationId balance'],
  ['GET /reservation', 'reservationId status expiresAt total tickets', 'items[].'],
  ['GET /reservation/{reservationId}', 'reservationId status expiresAt total tickets'],
  ['DELETE /reservation/{reservationId}', ''],
  ['POST /reservation/{reservationId}/refund', 'reservationId status refunded balance'],
  ['GET /admin/rooms', settings, 'items[].'],
  ['POST /admin/rooms', settings],
  ['GET /admin/rooms/{roomId}', settings],
  ['PATCH /admin/rooms/{roomId}', settings],
  ['GET /admin/rooms/{roomId}/stats', stats],
  ['GET /admin/rooms/{roomId}/stream', ''],
  ['POST /admin/rooms/{roomId}/admit', 'admitted'],
  ['GET /admin/rooms/{roomId}/places/{customerId}', 'customerId roomId status waitingNumber'],
  ['DELETE /admin/rooms/{roomId}/places/{customerId}', ''],
  ['POST /admin/login', 'csrfToken'],
  ['POST /admin/logout', ''],
  ['GET /admin/customers/{customerId}', 'balance reservations places history'],
  ['GET /admin/tickets/{ticketId}', 'ticketId live status'],
  ['GET /admin/outbox', 'outboxId kind attempts', 'items[].'],
  ['POST /admin/outbox/{outboxId}/retry', 'outboxId'],
  ['POST /admin/demo/crowd', ''],
  ['GET /admin/concerts', 'concertId concertName', 'items[].'],
  ['POST /admin/concerts', 'concertId'],
  ['PATCH /admin/concerts/{concertId}', 'concertId'],
  ['GET /admin/concerts/{concertId}/options', 'optionId optionName', 'items[].'],
  ['POST /admin/concerts/{concertId}/options', 'optionId'],
  ['PATCH /admin/concerts/{concertId}/options/{optionId}', 'optionId'],
  ['POST /admin/concerts/{concertId}/options/{optionId}/blocks', ''],
  ['DELETE /admin/concerts/{concertId}/options/{optionId}/blocks', 'unblocked'],
  ['POST /admin/concerts/{concertId}/options/{optionId}/cancel', 'optionId cancelledAt remaining'],
  ['GET /admin/customers', 'customerId name active', 'items[].'],
  ['POST /admin/customers', 'customerId'],
  ['PATCH /admin/customers/{customerId}', 'customerId'],
  ['GET /admin/audit', 'actor action target before after at', 'items[].'],
  ['GET /admin/invariants', 'id title violations', 'checks[].'],
  ['GET /health/live', 'status'],
  ['GET /health/ready', 'name ok detail', 'checks[].'],
  ['GET /metrics', ''],
  ['GET /openapi.json', 'openapi paths'],
  ['GET /docs', ''],
];

const CODES: Record<number, string> = {
  400: 'ILLEGAL_ARGUMENTS PAY_AMOUNT_MISMATCH UNSUPPORTED_PAY_METHOD',
  401: 'UNAUTHENTICATED TOKEN_INVALID TOKEN_EXPIRED',
  402: 'OUT_OF_BUDGET',
  403: 'QUEUE_NOT_ACTIVE CUSTOMER_MISMATCH CUSTOMER_INACTIVE FORBIDDEN ROOM_CLOSED',
  404: 'CUSTOMER_NOT_FOUND CONCERT_NOT_FOUND OPTION_NOT_FOUND SEAT_NOT_FOUND RESERVATION_NOT_FOUND ROOM_NOT_FOUND NOT_FOUND',
  409: 'ALREADY_TAKEN ALREADY_PAID HOLD_EXISTS SEAT_LIMIT_EXCEEDED CONCERT_NOT_ON_SALE PERFORMANCE_PASSED RESERVATION_STATE_CONFLICT VERSION_CONFLICT IDEMPOTENCY_IN_PROGRESS',
  410: 'HOLD_EXPIRED',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  422: 'IDEMPOTENCY_KEY_REUSED',
  429: 'RATE_LIMITED ROOM_FULL',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
};

/** What was published, against what there is and what was answered. */
export function checkTables({ routes, fields, met }: Contract): void {
  it('has every published call, and has seen every published field of it', () => {
    const missing = CALLS.flatMap(([call, names, under = '']) => {
      const [method = '', path] = call.split(' ');
      const route = routes.find((one) => one.method === method.toLowerCase() && one.path === path);
      if (!route) return [call];
      const seen = fields.get(route.operationId);
      return names
        .split(' ')
        .filter((name) => name !== '' && !seen?.has(under + name))
        .map((name) => `${call} ${under}${name}`);
    });
    expect(missing).toEqual([]);
  });

  it('has every published code, with its status, and has met it', () => {
    const published = Object.entries(CODES).flatMap(([status, codes]) =>
      codes.split(' ').map((code): [string, number] => [code, Number(status)]),
    );
    const known = new Map(Object.entries(ERRORS).map(([code, { status }]) => [code, status]));
    expect(published.filter(([code, status]) => known.get(code) !== status)).toEqual([]);
    expect(published.filter(([code]) => !met.has(code))).toEqual([]);
  });
}
