/** What the page shows of a room: GET /rooms/{roomId}, and in the page itself. */
export interface Room {
  roomId: string;
  title: string;
  message: string;
  colour: string;
  onColour: string;
  state: 'OPEN' | 'PAUSED' | 'CLOSED';
  opensAt: string | null;
  closesAt: string | null;
  customerAuth: 'open' | 'jwt';
  concerts: { concertId: number; concertName: string; artist: string }[];
}

/** A place, as the poll answers it. */
export interface Place {
  customerId: number;
  status: 'WAITING' | 'ACTIVE' | 'EXPIRED';
  waitingNumber: number;
  /** Seconds. */
  remainingTime: number;
  token: string;
  pollAfterMs: number;
  placeHeldUntil: string | null;
  recovering: boolean;
  roomState: Room['state'];
  eta: { p50: number; p90: number } | null;
}
