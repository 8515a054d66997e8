import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { get, type Place, signQueueTokens } from './crowd.ts';

const OPENED_AT_ONCE = 250;

/** Keeps a stream open for each place. */
export async function openStreams(
  port: number,
  roomId: string,
  places: readonly Place[],
): Promise<{ events(): number; close(): void }> {
  const tokens = signQueueTokens(roomId, places);
  const sockets: Socket[] = [];
  let events = 0;
  for (let from = 0; from < tokens.length; from += OPENED_AT_ONCE) {
    const opening = tokens.slice(from, from + OPENED_AT_ONCE).map(async (token) => {
      const socket = connect(port, '127.0.0.1');
      sockets.push(socket);
      socket.setEncoding('utf8');
      socket.write(get('/customer/waiting/stream', token));
      const [head] = await once(socket, 'data');
      if (!String(head).startsWith('HTTP/1.1 200'))
        throw new Error(`a stream was refused: ${head}`);
      socket.on('data', () => {
        events += 1;
      });
    });
    await Promise.all(opening);
  }
  return {
    events: () => events,
    close() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
