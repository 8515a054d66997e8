import * as hdr from 'hdr-histogram-js';
import type { Answer } from './http-client.ts';

const OPERATIONS = [
  'enter',
  'poll',
  'leave',
  'seats',
  'reserve',
  'pay',
  'cancel',
  'charge',
  'tickets',
] as const;
export type Operation = (typeof OPERATIONS)[number];

/** Percentiles of one operation, ms. */
export interface Latency {
  p50: number;
  p90: number;
  p99: number;
  p999: number;
  max: number;
}

export interface OperationReport {
  operation: Operation;
  count: number;
  /** From when the buyer meant to ask: whatever kept the question waiting counts. */
  corrected: Latency;
  /** From when the question was sent. */
  service: Latency;
  codes: Record<string, number>;
}

/** Figures of one second of the run. */
export interface Second {
  atSeconds: number;
  answers: number;
  errors: number;
  waiting: number;
  shopping: number;
  sold: number;
}

/** Times and codes of all answers. Histograms are HDR: exact to two digits from 1 µs to a minute. */
export interface Recorder {
  /** @param dueMs when the buyer meant to ask; @param sentMs when it was sent (performance.now) */
  answered(operation: Operation, answer: Answer, times: { dueMs: number; sentMs: number }): void;
  operations(): OperationReport[];
  /** Answers that no buyer should ever get, by operation and code. */
  faults(): Record<string, number>;
  answers(): number;
  errors(): number;
  tick(second: Omit<Second, 'answers' | 'errors' | 'atSeconds'>): void;
  timeline: readonly Second[];
}

/** Refusals that the contract names and that buyers cause themselves; every other refusal is a fault. */
const EXPECTED: Record<Operation, readonly string[]> = {
  enter: ['ROOM_FULL', 'ROOM_CLOSED'],
  poll: [],
  leave: [],
  seats: [],
  reserve: ['ALREADY_TAKEN', 'OUT_OF_BUDGET', 'SEAT_LIMIT_EXCEEDED', 'QUEUE_NOT_ACTIVE'],
  pay: ['HOLD_EXPIRED', 'OUT_OF_BUDGET'],
  cancel: ['HOLD_EXPIRED', 'RESERVATION_STATE_CONFLICT'],
  charge: [],
  tickets: [],
};

const MICROSECONDS_MAX = 60_000_000;

export function createRecorder(): Recorder {
  const histogram = () =>
    hdr.build({
      lowestDiscernibleValue: 1,
      highestTrackableValue: MICROSECONDS_MAX,
      numberOfSignificantValueDigits: 2,
      bitBucketSize: 32,
    });
  const kept = new Map(
    OPERATIONS.map((operation) => [
      operation,
      { corrected: histogram(), service: histogram(), codes: new Map<string, number>() },
    ]),
  );
  const faults = new Map<string, number>();
  const timeline: Second[] = [];
  let answers = 0;
  let errors = 0;
  let last = { answers: 0, errors: 0 };

  return {
    answered(operation, answer, { dueMs, sentMs }) {
      const now = performance.now();
      const one = kept.get(operation);
      if (!one) throw new Error(`${operation} is not recorded`);
      answers += 1;
      one.corrected.recordValue(micros(now - Math.min(dueMs, sentMs)));
      one.service.recordValue(micros(now - sentMs));
      one.codes.set(answer.code, (one.codes.get(answer.code) ?? 0) + 1);
      if (answer.code === 'OK' || EXPECTED[operation].includes(answer.code)) return;
      errors += 1;
      const name = `${operation} ${answer.code}`;
      faults.set(name, (faults.get(name) ?? 0) + 1);
    },
    operations: () =>
      [...kept]
        .filter(([, one]) => one.corrected.totalCount > 0)
        .map(([operation, one]) => ({
          operation,
          count: one.corrected.totalCount,
          corrected: latency(one.corrected),
          service: latency(one.service),
          codes: Object.fromEntries(one.codes),
        })),
    faults: () => Object.fromEntries(faults),
    answers: () => answers,
    errors: () => errors,
    tick(second) {
      timeline.push({
        atSeconds: timeline.length + 1,
        answers: answers - last.answers,
        errors: errors - last.errors,
        ...second,
      });
      last = { answers, errors };
    },
    timeline,
  };
}

function micros(ms: number): number {
  return Math.min(MICROSECONDS_MAX, Math.max(1, Math.round(ms * 1_000)));
}

function latency(histogram: hdr.Histogram): Latency {
  const at = (percentile: number): number => histogram.getValueAtPercentile(percentile) / 1_000;
  return { p50: at(50), p90: at(90), p99: at(99), p999: at(99.9), max: histogram.maxValue / 1_000 };
}
