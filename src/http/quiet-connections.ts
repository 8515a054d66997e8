import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** How exactly patience ends: never early, at most an eighth of it late. */
const LOOKS = 8;
/** So many times as long for who has not read its answer yet. */
const UNREAD_TIMES = 4;

/**
 * Cuts connections on which nothing went either way for `keepAliveMs`. Node does it with a timer for each
 * connection, set with each answer and taken back with each request, which is a thirtieth of what a poll costs.
 * One that waits for its answer as long is cut, too: no answer takes so long, and streams have their heartbeat.
 */
export function cutQuiet(server: Server, sockets: ReadonlySet<Socket>, keepAliveMs: number): void {
  const heard = new WeakMap<Socket, { bytes: number; atMs: number }>();
  const look = (): void => {
    const nowMs = performance.now();
    for (const socket of sockets) {
      const bytes = socket.bytesRead + socket.bytesWritten;
      const last = heard.get(socket);
      // What Node keeps for a slow reader goes out unseen.
      const patienceMs = socket.writableLength > 0 ? keepAliveMs * UNREAD_TIMES : keepAliveMs;
      if (last?.bytes !== bytes) heard.set(socket, { bytes, atMs: nowMs });
      else if (nowMs - last.atMs >= patienceMs) socket.destroy();
    }
  };
  server.once('listening', () => {
    const timer = setInterval(look, keepAliveMs / LOOKS).unref();
    server.once('close', () => clearInterval(timer));
  });
}
