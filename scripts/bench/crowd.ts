import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import jwt from 'jsonwebtoken';
import { createQueueTokens } from '../../src/platform/queue-tokens.ts';
import { TOMBSTONE_MS } from '../../src/waiting-room/history.ts';
import { roomKeys } from '../../src/waiting-room/keys.ts';
import { ROOM_DEFAULTS, type RoomInput, type RoomSettings } from '../../src/waiting-room/rooms.ts';
import { bindLineScripts } from '../../src/waiting-room/scripts.ts';
import type { Shot } from './load.ts';
import { type Bench, QUEUE_SECRET, SHOP_SECRET } from './servers.ts';

/** Who changes rooms in the benchmark. */
export const ACTOR = { name: 'bench', requestId: 'bench' };
/** Ids of eight digits, as a large shop has. */
const FIRST_CUSTOMER = 10_000_001;
const ENTER_AT_ONCE = 500;
const CALLS_AT_ONCE = 8;

export interface Place {
  customerId: number;
  seq: number;
  /** Shown as watingNumber; 0 for who has a slot. */
  number: number;
}

let rooms = 0;

/** A room of its own, in which nobody is admitted unless `input` says so. */
export function createRoom(bench: Bench, input: Partial<RoomInput> = {}): Promise<RoomSettings> {
  rooms += 1;
  const roomId = `bench-${rooms}`;
  return bench.services.waitingRoom.rooms.create(
    roomId,
    { ...ROOM_DEFAULTS, name: roomId, capacity: 0, ...input },
    ACTOR,
  );
}

/** Lets `count` customers enter by the real script, in order. @returns every `step`-th place */
export async function fillRoom(
  bench: Bench,
  roomId: string,
  { count, first = FIRST_CUSTOMER, step = 1 }: { count: number; first?: number; step?: number },
): Promise<Place[]> {
  const { enter } = bindLineScripts(bench.services.redis);
  const places: Place[] = [];
  const keys = roomKeys(roomId);
  for (let from = 0; from < count; from += ENTER_AT_ONCE * CALLS_AT_ONCE) {
    const starts = Array.from({ length: CALLS_AT_ONCE }, (_, n) => from + n * ENTER_AT_ONCE);
    const calls = starts
      .filter((start) => start < count)
      .map(async (start) => {
        const size = Math.min(ENTER_AT_ONCE, count - start);
        const restArgs = Array.from({ length: size }, (_, n) => first + start + n);
        const [word, , codes = []] = await enter({
          keys,
          args: { goneMs: TOMBSTONE_MS },
          restArgs,
        });
        if (word !== 'ok') throw new Error(`room ${roomId} is not in Redis`);
        return { start, size, codes };
      });
    for (const { start, size, codes } of await Promise.all(calls)) {
      for (let n = 0; n < size; n += 1) {
        const at = start + n;
        if (at % step !== 0) continue;
        const number = codes[n * 2] === 1 ? at + 1 : 0;
        places.push({ customerId: first + at, seq: codes[n * 2 + 1] ?? 0, number });
      }
    }
  }
  return places;
}

export function signQueueTokens(roomId: string, places: readonly Place[]): string[] {
  const signer = createQueueTokens([{ kid: 'bench', secret: QUEUE_SECRET }], Date.now);
  return places.map(({ customerId, seq }) => signer.sign({ customerId, roomId, seq }));
}

/** Polls of these places, each answer held against its true rank. */
export function pollShots(roomId: string, places: readonly Place[]): Shot[] {
  const signed = signQueueTokens(roomId, places);
  return places.map(({ number }, nth) => ({
    request: get('/customer/waiting', signed[nth]),
    status: '200',
    expect: `"watingNumber":${number},"status":"WAITING"`,
  }));
}

/** Entries of new customers, each proven by a token of the shop's. */
export function enterShots(roomId: string, first: number, count: number): Shot[] {
  return Array.from({ length: count }, (_, nth) => {
    const customerId = first + nth;
    const token = jwt.sign({}, SHOP_SECRET, { subject: String(customerId), expiresIn: '1h' });
    return {
      request: post('/customer/waiting/enter', token, { customerId, roomId }),
      status: '200',
      expect: `{"customerId":${customerId},"watingNumber":`,
    };
  });
}

export function get(path: string, token?: string): string {
  const authorization = token ? `Authorization: Bearer ${token}\r\n` : '';
  return `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${authorization}Accept: application/json\r\n\r\n`;
}

export function post(path: string, token: string, body: unknown): string {
  const text = JSON.stringify(body);
  return `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;
}

let files = 0;

/** @returns the file for the load generator */
export function writeShots(bench: Bench, shots: readonly Shot[]): string {
  files += 1;
  const file = join(bench.dir, `${files}.shots`);
  writeFileSync(file, shots.map((shot) => JSON.stringify(shot)).join('\n'));
  return file;
}
