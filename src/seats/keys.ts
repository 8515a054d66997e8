/** One seat of one performance. Seat numbers are 1..capacity. */
export interface Seat {
  optionId: number;
  seatId: number;
}

/** The key of a seat's claim. The concert is the hash tag, so that one script may claim several seats. */
export function seatKey(concertId: number, seat: Seat): string {
  return `seat:{${concertId}}:${seat.optionId}:${seat.seatId}`;
}
