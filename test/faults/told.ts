/** What one client was told about one thing it asked for, under one Idempotency-Key. */
export interface Asked {
  key: string;
  /** Attempts whose answer never came: what they did is not known. */
  lost: number;
  /** The id in the first answer that said yes. */
  answer?: number;
}

export interface ToldReservation {
  id: number;
  customerId: number;
  seats: string[];
  total: number;
  expiresAtMs: number;
  /** Attempts to pay it, under whatever key, and how many of them were not answered. */
  payAsked: number;
  payLost: number;
  paid: boolean;
  /** Told that it can never be paid any more. */
  payRefused: boolean;
  cancelAsked: boolean;
  cancelled: boolean;
  refundAsked: boolean;
  refunded: boolean;
}

/** Everything a customer was told, for comparison with what is stored at the end. */
export interface Told {
  customerId: number;
  charges: Map<string, Asked & { amount: number }>;
  reserves: Map<string, Asked & { body: object; token: string }>;
  pays: Map<string, Asked & { reservation: ToldReservation }>;
  refunds: Map<string, Asked & { reservation: ToldReservation }>;
  reservations: Map<number, ToldReservation>;
}

export function createTold(customerId: number): Told {
  return {
    customerId,
    charges: new Map(),
    reserves: new Map(),
    pays: new Map(),
    refunds: new Map(),
    reservations: new Map(),
  };
}

/** The same key must be answered the same, always. @returns what is wrong, if anything */
export function answered(asked: Asked, answer: number): string | undefined {
  if (asked.answer !== undefined && asked.answer !== answer) {
    return `key ${asked.key} was answered with ${asked.answer}, then with ${answer}`;
  }
  asked.answer = answer;
  return undefined;
}
