/** The documents of the admin API that the control room reads; times are ISO 8601. */
export type RoomState = 'OPEN' | 'PAUSED' | 'CLOSED';

export interface RoomInput {
  name: string;
  state: RoomState;
  capacity: number;
  admitPerMinute: number | null;
  slotSeconds: number;
  claimSeconds: number;
  graceSeconds: number;
  waitingMax: number;
  pollBudgetPerSecond: number;
  opensAt: string | null;
  closesAt: string | null;
  title: string;
  message: string;
  colour: string;
}

export interface Room extends RoomInput {
  roomId: string;
  version: number;
}

export type Eta = { p50: number; p90: number } | null;

export interface Glance {
  waiting: number;
  returning: number;
  active: number;
  admittedPerMinute: number;
  eta: Eta;
  recovering: boolean;
}

export interface RoomStats extends Glance {
  at: string;
  capacity: number;
  finishedPerMinute: number;
  oldestWaitSeconds: number;
  slotIdleMs: { p50: number | null; p99: number | null };
  pollsPerSecond: number;
  etaReason: string | null;
  etaCoverage: number | null;
}

export interface CurvePoint {
  at: string;
  waiting: number;
  active: number;
  capacity: number;
  admittedPerMinute: number | null;
  finishedPerMinute: number | null;
  pollsPerSecond: number;
}

export interface Curves {
  points: CurvePoint[];
  waits: { at: string; waited: number; promised: Eta }[];
}

export interface Items<T> {
  items: T[];
  next: number | null;
}

export interface Concert {
  concertId: number;
  concertName: string;
  artist: string;
  roomId: string;
  saleBeginAt: string;
  saleEndAt: string;
}

export interface Performance {
  optionId: number;
  concertId: number;
  optionName: string;
  performAt: string;
  price: number;
  capacityLimit: number;
  refundUntil: string | null;
  cancelledAt: string | null;
}

export interface Place {
  roomId: string;
  status: string;
  waitingNumber: number;
  seenAt: string;
  slotEndsAt: string | null;
}

export interface Ticket {
  ticketId: number;
  optionName: string;
  concertName: string;
  seatId: number;
  status: string;
  reserverName: string;
  performAt: string;
}

export interface Reservation {
  reservationId: number;
  status: string;
  total: number;
  expiresAt: string;
  tickets: Ticket[];
}

export interface Customer {
  customerId: number;
  name: string;
  active: boolean;
  balance: number;
  heldAmount: number;
  reservations: Reservation[];
  places: Place[];
  history: { roomId: string; seq: number; kind: string; at: string }[];
}
