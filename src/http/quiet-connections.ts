import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** So often in the time of its patience each connection is looked at. */
const LOOKS = 8;
/** So many times as long for who has not read its answer yet. */
const UNREAD_TIMES = 4;

/**
 * Cuts connections on which nothing is asked or answered and nothing went either way for `keepAliveMs`, never
 * early and at most two eighths late. Node does it with a timer for each connection, set with each answer and
 * taken back with each request, which is a thirtieth of what a poll costs.
 */
export function cutQuiet(server: Server, sockets: ReadonlySet<Socket>, keepAliveMs: number): void {
  const heard = new WeakMap<Socket, { bytes: number; atMs: number }>();

  function look(socket: Answering, nowMs: number): void {
    const bytes = socket.bytesRead + socket.bytesWritten;
    const last = heard.get(socket);
    // What Node keeps for a slow reader goes out unseen.
    const patienceMs = socket.writableLength > 0 ? keepAliveMs * UNREAD_TIMES : keepAliveMs;
    if (last?.bytes !== bytes || socket._httpMessage) heard.set(socket, { bytes, atMs: nowMs });
    else if (nowMs - last.atMs >= patienceMs) socket.destroy();
  }

  server.once('listening', () => {
    const timer = setInterval(() => {
      const nowMs = performance.now();
      for (const socket of sockets) look(socket, nowMs);
    }, keepAliveMs / LOOKS).unref();
    server.once('close', () => clearInterval(timer));
  });
}

/** Where Node keeps the response that is under way. */
interface Answering extends Socket {
  _httpMessage?: unknown;
}
