export interface Range {
  /** Seconds. */
  p50: number;
  p90: number;
}

/** Everything the waiting room says. */
export interface Sentences {
  number: string;
  numberUnit: string;
  counting: string;
  ahead(people: number): string;
  next: string;
  moved(total: number): string;
  movedNow(people: number): string;
  progress: string;
  wait: string;
  eta(eta: Range): string;
  etaUnknown: string;
  held: string;
  heldUntil(iso: string): string;
  heldText: string;
  paused: string;
  pausedText: string;
  recovering: string;
  recoveringText: string;
  opens(iso: string): string;
  opensIn(seconds: number): string;
  closed: string;
  closedText: string;
  closes(iso: string): string;
  offline: string;
  offlineText: string;
  retryNow: string;
  turn: string;
  turnText: string;
  turnLeft: string;
  shop: string;
  ended: string;
  endedText: string;
  left: string;
  leftText: string;
  joinAgain: string;
  tickets: string;
  joinTitle: string;
  joinText: string;
  customer: string;
  customerHint: string;
  join: string;
  joining: string;
  fromShop: string;
  fromShopText: string;
  fullRetry(seconds: number): string;
  alerts: string;
  sound: string;
  notification: string;
  refused: string;
  leave: string;
  leaveSure: string;
  leaveYes: string;
  leaveNo: string;
}

/**
 * In the page's language: each has an entry of its own, so that nobody loads the other one. Read it when
 * something is drawn, not before.
 */
export let say: Sentences;

export function speak(sentences: Sentences): void {
  say = sentences;
}
