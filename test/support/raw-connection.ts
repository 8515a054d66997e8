import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

/** A connection that is written to byte by byte, as no well-behaved client would. */
export async function openRaw(url: string): Promise<{
  socket: Socket;
  /** The first answer, or whatever has come when the server closes. */
  answer(): Promise<RawAnswer>;
}> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = '';
  socket.setEncoding('utf8');
  // A server that closes while it is still written to resets the connection.
  socket.on('error', () => undefined);
  const over = new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    socket.on('data', (chunk) => {
      text += String(chunk);
      if (isWhole(parse(text))) resolve();
    });
  });
  await once(socket, 'connect');
  return {
    socket,
    async answer() {
      await over;
      socket.destroy();
      return parse(text);
    },
  };
}

function isWhole({ headers, body }: RawAnswer): boolean {
  return Buffer.byteLength(body) >= Number(headers['content-length'] ?? Number.NaN);
}

function parse(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const [status = '', ...lines] = head.split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => {
      const [name = '', ...value] = line.split(': ');
      return [name.toLowerCase(), value.join(': ')];
    }),
  );
  return { status: Number(status.split(' ')[1]), headers, body: rest.join('\r\n\r\n') };
}
