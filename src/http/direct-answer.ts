import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Answers at once, with the constant headers; who is gone is not answered.
 *
 * @param fields further header names and values in turn, which need no checking
 * @param text ends the answer; absent where its status has no body
 */
export type DirectAnswer = (
  response: ServerResponse,
  status: number,
  fields: readonly string[],
  text: string | undefined,
) => void;

const CRLF = '\r\n';

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
  const last = linesOf([
    'Connection',
    'keep-alive',
    'Keep-Alive',
    `timeout=${Math.floor(keepAliveMs / 1_000)}`,
  ]);
  const date = createDate();
  let ready: Ready[] = [];

  function writeAll(): void {
    const answers = ready;
    ready = [];
    for (const { response, socket, bytes, encoding } of answers) {
      socket.write(bytes, encoding);
      response.emit('finish');
    }
  }

  return (response, status, fields, text) => {
    if (response.destroyed) return;
    const size = text === undefined ? 0 : Buffer.byteLength(text);
    const length = text === undefined ? [] : ['Content-Length', String(size)];
    const { socket, req: request } = response;
    if (
      !socket?.writable ||
      !response.shouldKeepAlive ||
      response.hasHeader('connection') ||
      request.method === 'HEAD'
    ) {
      response.writeHead(status, [...constant, ...fields, ...length]);
      response.end(text);
      return;
    }
    const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}${CRLF}${headersSet(response)}${first}`;
    const middle = `${linesOf(length)}Date: ${date()}${CRLF}`;
    // Of characters below 128, as nearly all are, both encodings make the same bytes; this one copies them.
    const encoding = size === (text?.length ?? 0) ? 'latin1' : 'utf8';
    const answer = `${head}${linesOf(fields)}${middle}${last}${CRLF}${text ?? ''}`;
    if (ready.push({ response, socket, bytes: answer, encoding }) === 1) queueMicrotask(writeAll);
  };
}

interface Ready {
  response: ServerResponse;
  socket: Socket;
  bytes: string;
  encoding: 'latin1' | 'utf8';
}

/** What was set on the response itself, such as a cookie. */
function headersSet(response: ServerResponse): string {
  let text = '';
  for (const name of response.getHeaderNames()) {
    for (const value of [response.getHeader(name)].flat()) text += `${name}: ${value}${CRLF}`;
  }
  return text;
}

function linesOf(headers: readonly string[]): string {
  let text = '';
  for (let at = 0; at < headers.length; at += 2) {
    text += `${headers[at]}: ${headers[at + 1]}${CRLF}`;
  }
  return text;
}

/** The Date header's value, made once a second. */
function createDate(): () => string {
  let second = 0;
  let text = '';
  return () => {
    const now = Math.floor(Date.now() / 1_000);
    if (now !== second) {
      second = now;
      text = new Date(now * 1_000).toUTCString();
    }
    return text;
  };
}
