import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

interface Closing extends ServerResponse {
  /** Where Node notes that a response's `close` has been emitted. */
  _closed?: boolean;
}

/**
 * Closes a response with its connection while it still waits for the answers to earlier requests of the same
 * connection. Node emits `close` on the response alone whose turn it is: the others would count as in flight,
 * and their streams be looked after, for ever.
 */
export function createQueuedClose(): (request: IncomingMessage, response: ServerResponse) => void {
  const queued = new WeakMap<Socket, Set<Closing>>();

  /** One listener for all, however many requests a client sends at once. */
  function closeWith(socket: Socket): Set<Closing> {
    const waiting = new Set<Closing>();
    queued.set(socket, waiting);
    socket.once('close', () => {
      for (const response of waiting) {
        response.destroyed = true;
        response._closed = true;
        response.emit('close');
      }
    });
    return waiting;
  }

  return ({ socket }, response) => {
    const waiting = queued.get(socket) ?? closeWith(socket);
    waiting.add(response);
    // From its turn on Node tells it.
    response.once('socket', () => waiting.delete(response));
  };
}
