/** What the API answers, as far as the shop shows it. */
export interface Concert {
  concertId: number;
  concertName: string;
  artist: string;
  saleBeginAt: string;
  saleEndAt: string;
  roomId: string;
  onSale: boolean;
}

export interface Performance {
  optionId: number;
  optionName: string;
  performAt: string;
  price: number;
  capacityLimit: number;
  availableSeats: number;
}

export interface ConcertDetail extends Concert {
  performances: Performance[];
}

export interface Seat {
  seatId: number;
  status: 'AVAILABLE' | 'HELD' | 'SOLD' | 'BLOCKED';
}

export interface Ticket {
  ticketId: number;
  reserverName: string;
  concertName: string;
  optionId: number;
  optionName: string;
  performAt: string;
  optionPrice: number;
  seatId: number;
}

export interface Reservation {
  reservationId: number;
  status: 'HELD' | 'CONFIRMED' | 'EXPIRED' | 'CANCELLED' | 'REFUNDED';
  expiresAt: string;
  /** Seconds. */
  remainingTime: number;
  total: number;
  tickets: Ticket[];
}

export interface Place {
  customerId: number;
  status: 'WAITING' | 'ACTIVE' | 'EXPIRED';
  waitingNumber: number;
  /** Seconds. */
  remainingTime: number;
  token: string;
  pollAfterMs: number;
}

/** What the server wrote into the page. */
export interface ShopData {
  customerAuth: 'open' | 'jwt';
  seatsPerReservationMax: number;
}
