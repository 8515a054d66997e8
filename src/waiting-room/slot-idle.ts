/** What slot idle time is computed from, of one room, ordered by time. */
export interface SlotEvent {
  kind: 'freed' | 'called';
  atMs: number;
  /** Of a call: when the person had joined the line. */
  enteredMs: number;
}

/**
 * How long each slot stood empty while somebody was waiting for it, in ms: slots are reused in the order in
 * which they were freed, and a slot that was free before the person came has waited for nobody.
 */
export function slotIdleMs(events: readonly SlotEvent[]): number[] {
  const freed: number[] = [];
  const idle: number[] = [];
  for (const event of events) {
    if (event.kind === 'freed') freed.push(event.atMs);
    else {
      const since = freed.shift();
      if (since !== undefined)
        idle.push(Math.max(0, event.atMs - Math.max(since, event.enteredMs)));
    }
  }
  return idle;
}

/** Nearest-rank percentile; null of nothing. */
export function percentile(values: readonly number[], share: number): number | null {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? null;
}
