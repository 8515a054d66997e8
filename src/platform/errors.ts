import { types } from 'node:util';

/**
 * The closed list of what can go wrong for a caller. `code` is the wire contract; the status and the two
 * sentences stand beside it, so that handlers, OpenAPI and the problem body can never disagree.
 */
export const ERRORS = {
  ILLEGAL_ARGUMENTS: e(400, '요청 값이 올바르지 않습니다.', 'The request is not valid.'),
  PAY_AMOUNT_MISMATCH: e(
    400,
    '결제 금액이 예약 금액과 일치하지 않습니다.',
    'The amounts do not add up to the total of the reservation.',
  ),
  UNSUPPORTED_PAY_METHOD: e(
    400,
    '지원하지 않는 결제 수단입니다.',
    'This payment method is not supported.',
  ),
  UNAUTHENTICATED: e(401, '인증이 필요합니다.', 'A bearer token is required.'),
  TOKEN_INVALID: e(401, '토큰이 올바르지 않습니다.', 'The token is not valid.'),
  TOKEN_EXPIRED: e(401, '토큰이 만료되었습니다.', 'The token has expired.'),
  OUT_OF_BUDGET: e(402, '포인트 잔액이 부족합니다.', 'There are not enough points.'),
  QUEUE_NOT_ACTIVE: e(403, '아직 입장 순서가 아닙니다.', 'It is not your turn.'),
  CUSTOMER_MISMATCH: e(
    403,
    '토큰의 고객과 요청한 고객이 다릅니다.',
    'The token speaks for another customer.',
  ),
  CUSTOMER_INACTIVE: e(403, '이용이 정지된 고객입니다.', 'This customer is not active.'),
  ROOM_CLOSED: e(403, '대기실이 닫혔습니다.', 'The room is closed.'),
  FORBIDDEN: e(403, '권한이 없습니다.', 'This is not allowed.'),
  CUSTOMER_NOT_FOUND: e(404, '고객을 찾을 수 없습니다.', 'There is no such customer.'),
  CONCERT_NOT_FOUND: e(404, '콘서트를 찾을 수 없습니다.', 'There is no such concert.'),
  OPTION_NOT_FOUND: e(404, '공연 회차를 찾을 수 없습니다.', 'There is no such performance.'),
  SEAT_NOT_FOUND: e(404, '좌석을 찾을 수 없습니다.', 'There is no such seat.'),
  RESERVATION_NOT_FOUND: e(404, '예약을 찾을 수 없습니다.', 'There is no such reservation.'),
  ROOM_NOT_FOUND: e(404, '대기실을 찾을 수 없습니다.', 'There is no such room.'),
  NOT_FOUND: e(404, '요청한 대상을 찾을 수 없습니다.', 'There is nothing here.'),
  METHOD_NOT_ALLOWED: e(405, '허용되지 않는 메서드입니다.', 'This method is not allowed here.'),
  REQUEST_TIMEOUT: e(408, '요청이 너무 늦게 도착했습니다.', 'The request took too long to arrive.'),
  ALREADY_TAKEN: e(409, '이미 선점된 좌석입니다.', 'Somebody else has this seat.'),
  ALREADY_PAID: e(409, '이미 결제된 예약입니다.', 'This reservation is already paid.'),
  HOLD_EXISTS: e(
    409,
    '이미 결제를 기다리는 예약이 있습니다.',
    'You already hold seats; pay or cancel them first.',
  ),
  SEAT_LIMIT_EXCEEDED: e(
    409,
    '예약할 수 있는 좌석 수를 넘었습니다.',
    'This is more seats than one customer may have.',
  ),
  CONCERT_NOT_ON_SALE: e(409, '판매 중인 콘서트가 아닙니다.', 'This concert is not on sale.'),
  PERFORMANCE_PASSED: e(
    409,
    '이미 지났거나 취소된 공연입니다.',
    'This performance has passed or was cancelled.',
  ),
  RESERVATION_STATE_CONFLICT: e(
    409,
    '현재 예약 상태에서는 할 수 없는 요청입니다.',
    'The state of the reservation does not allow this.',
  ),
  VERSION_CONFLICT: e(409, '다른 사람이 먼저 변경했습니다.', 'Somebody else changed this first.'),
  ALREADY_EXISTS: e(409, '이미 존재합니다.', 'This exists already.'),
  IDEMPOTENCY_IN_PROGRESS: e(
    409,
    '같은 요청을 처리하고 있습니다.',
    'The same request is still running.',
  ),
  HOLD_EXPIRED: e(410, '임시 배정 시간이 지났습니다.', 'The hold has run out.'),
  PAYLOAD_TOO_LARGE: e(413, '요청 본문이 너무 큽니다.', 'The body is too large.'),
  URI_TOO_LONG: e(414, '주소가 너무 깁니다.', 'The address is too long.'),
  UNSUPPORTED_MEDIA_TYPE: e(415, '지원하지 않는 형식입니다.', 'Send the body as application/json.'),
  IDEMPOTENCY_KEY_REUSED: e(
    422,
    '멱등 키가 다른 요청에 이미 사용되었습니다.',
    'This idempotency key was used for another request.',
  ),
  RATE_LIMITED: e(429, '요청이 너무 많습니다.', 'There are too many requests.'),
  ROOM_FULL: e(429, '대기실이 가득 찼습니다.', 'The room is full.'),
  HEADERS_TOO_LARGE: e(431, '요청 헤더가 너무 큽니다.', 'The headers are too large.'),
  INTERNAL: e(500, '서버 오류가 발생했습니다.', 'Something went wrong here.'),
  UNAVAILABLE: e(
    503,
    '잠시 후 다시 시도해 주세요.',
    'A part of the service is away; try again shortly.',
  ),
} as const satisfies Record<string, ErrorSpec>;

export type ErrorCode = keyof typeof ERRORS;

interface ErrorSpec {
  status: number;
  ko: string;
  en: string;
}

/** Whether something thrown is an error, in whatever realm it was made. */
export function isError(thrown: unknown): thrown is Error {
  return types.isNativeError(thrown);
}

/** The system code or SQLSTATE of an error; '' when it has none. */
export function errorCode(thrown: unknown): string {
  return isError(thrown) && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
}

/** Extra members of the problem body, such as the seats that were taken. */
export type ErrorDetails = Record<string, unknown>;

/** A refusal that the caller is told about. Everything else that is thrown is answered as INTERNAL. */
export class AppError extends Error {
  readonly code: ErrorCode;
  /** Members added to the problem body. */
  readonly details: ErrorDetails;
  /** Seconds, sent as Retry-After. */
  readonly retryAfterSeconds: number | undefined;
  /** Replaces the code's own sentence, e.g. the rule that was broken. */
  readonly sentence: { ko: string; en: string } | undefined;

  constructor(
    code: ErrorCode,
    options: {
      details?: ErrorDetails;
      retryAfterSeconds?: number;
      sentence?: { ko: string; en: string };
      cause?: unknown;
    } = {},
  ) {
    super(options.sentence?.en ?? ERRORS[code].en, { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.details = options.details ?? {};
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.sentence = options.sentence;
  }
}

function e(status: number, ko: string, en: string): ErrorSpec {
  return { status, ko, en };
}
