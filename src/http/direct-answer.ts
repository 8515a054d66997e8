import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { everySecond } from '../platform/every-second.ts';
import { OK } from './route.ts';

/**
 * Answers at once, with the constant headers; who is gone is not answered.
 *
 * @param lines further headers, a line each as `linesOf` writes them. Nobody checks them: their values are numbers
 *   and words of our own, a request id of safe characters, an ETag, a cookie that was made here
 * @param text ends the answer; absent where its status has no body
 * @param size the text's length in bytes, where the caller knows it
 */
export type DirectAnswer = (
  response: ServerResponse,
  status: number,
  lines: string,
  text: string | undefined,
  size?: number,
) => void;

const CRLF = '\r\n';
/** As many seconds or bytes. */
const LINES_KEPT = 2_048;

/**
 * Node writes the head and the end of an answer as two chunks of one `writev`, behind checks of every header;
 * for answers of a few hundred bytes that is a third of what a server costs. Where a connection is kept alive
 * and this answer's turn has come, the bytes go to the socket in one piece, and `finish` tells Node's server,
 * as its own responses do, that the next request may be answered. That rests on how Node's server listens to
 * its responses, so every new major has to pass `integration/fast-path`. Every other answer goes Node's way.
 *
 * Answers that become ready together, as those of one batch do, are written together, once all are made: who
 * reads them is woken once, and not between one and the next.
 *
 * @param constant names and values in turn, the same for every answer
 * @param keepAliveMs how long the server keeps an idle connection, which Node says in each answer
 */
export function createDirectAnswer(constant: readonly string[], keepAliveMs: number): DirectAnswer {
  const first = linesOf(constant);
  const okFirst = `HTTP/1.1 ${OK} OK${CRLF}${first}`;
  const last = linesOf([
    'Connection',
    'keep-alive',
    'Keep-Alive',
    `timeout=${Math.floor(keepAliveMs / 1_000)}`,
  ]);
  const lengthLine = numberLine('Content-Length');
  const headEnd = everySecond((now) => `Date: ${now.toUTCString()}${CRLF}${last}${CRLF}`);
  let ready: Ready[] = [];

  function writeAll(): void {
    const answers = ready;
    ready = [];
    for (const { response, socket, bytes, encoding } of answers) {
      socket.write(bytes, encoding);
      response.emit('finish');
    }
  }

  return (
    response,
    status,
    lines,
    text,
    size = text === undefined ? 0 : Buffer.byteLength(text),
  ) => {
    if (response.destroyed) return;
    const { socket, req: request } = response;
    const set = response.getHeaderNames();
    const keeps = response.shouldKeepAlive && !set.includes('connection');
    if (!socket?.writable || !keeps || request.method === 'HEAD') {
      const length = text === undefined ? [] : ['Content-Length', String(size)];
      response.writeHead(status, [...constant, ...fieldsOf(lines), ...length]);
      response.end(text);
      return;
    }
    const begin =
      status === OK && set.length === 0
        ? okFirst
        : `HTTP/1.1 ${status} ${STATUS_CODES[status]}${CRLF}${linesSet(response, set)}${first}`;
    const length = text === undefined ? '' : lengthLine(size);
    const bytes = `${begin}${lines}${length}${headEnd()}${text ?? ''}`;
    // Of characters below 128, as nearly all are, both encodings make the same bytes; this one copies them.
    const encoding = size === (text?.length ?? 0) ? 'latin1' : 'utf8';
    if (ready.push({ response, socket, bytes, encoding }) === 1) queueMicrotask(writeAll);
  };
}

interface Ready {
  response: ServerResponse;
  socket: Socket;
  bytes: string;
  encoding: 'latin1' | 'utf8';
}

/** What was set on the response itself, such as a cookie. */
function linesSet(response: ServerResponse, names: readonly string[]): string {
  let text = '';
  for (const name of names) {
    const value = response.getHeader(name);
    if (Array.isArray(value)) for (const one of value) text += `${name}: ${one}${CRLF}`;
    else text += `${name}: ${value}${CRLF}`;
  }
  return text;
}

/** @param headers names and values in turn */
export function linesOf(headers: readonly string[]): string {
  let text = '';
  for (let at = 0; at < headers.length; at += 2) {
    text += `${headers[at]}: ${headers[at + 1]}${CRLF}`;
  }
  return text;
}

/** The opposite of `linesOf`. */
function fieldsOf(lines: string): string[] {
  return lines.split(CRLF).flatMap((line) => {
    const at = line.indexOf(': ');
    return at < 0 ? [] : [line.slice(0, at), line.slice(at + 2)];
  });
}

/** The line of a header whose value is a whole number; those of small ones are kept. */
export function numberLine(name: string): (value: number) => string {
  const kept = Array.from<string | undefined>({ length: LINES_KEPT });
  return (value) => {
    const known = kept[value];
    if (known !== undefined) return known;
    // Joined, it is in one piece.
    const line = [name, ': ', value, CRLF].join('');
    if (value < LINES_KEPT) kept[value] = line;
    return line;
  };
}

/**
 * Spares a request that has no body its reading. To read even none to its end, as Node does for a handler that
 * did not, takes a fifteenth of a poll. Its `end` is never emitted. Like the direct answer, this rests on how
 * Node's server works.
 */
export function skipNoBody(request: IncomingMessage): void {
  const { headers } = request;
  if (headers['content-length'] !== undefined) return;
  // Besides a body it may have trailers, which would be left over for the connection's next request.
  if (headers['transfer-encoding'] !== undefined) return;
  const unread: Unread = request;
  unread._dumped = true;
  endReading(request);
}

/**
 * Hands over a body as Node's parser brings it, past the stream that a request is, which costs a small body a
 * twentieth of an entry. Never called when the client goes away before its end. The whole of it is kept: who
 * calls has seen that it is announced to be short.
 */
export function takeBody(request: IncomingMessage, done: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  const unread: Unread = request;
  // Nothing is left for Node to read when the answer is there.
  unread._consuming = true;
  request.push = (chunk: Buffer | null) => {
    if (chunk) {
      chunks.push(chunk);
    } else {
      endReading(request);
      done(Buffer.concat(chunks));
    }
    return true;
  };
}

/** The connection's parser is done with the request. */
function endReading(request: IncomingMessage): void {
  const { socket }: { socket: Parsing } = request;
  if (socket.parser?.incoming === request) socket.parser.incoming = null;
}

interface Unread extends IncomingMessage {
  _dumped?: boolean;
  _consuming?: boolean;
}

interface Parsing extends Socket {
  parser?: { incoming: IncomingMessage | null } | null;
}
