import { type Logger, pino } from 'pino';
import { errorCode, isError } from './errors.ts';
import { isoTime } from './iso-time.ts';

export type { Logger };

const CAUSES_MAX = 5;
/** Fields, at the top of a line or one below, that are left out of it. */
const SECRETS = ['authorization', 'cookie', 'token', 'bearer'];
/** Of lines that wait for the end of their turn: well below what a pipe takes, whose reader may be a little late. */
const TURN_CHARS_MAX = 16 * 1_024;

/**
 * JSON lines on standard output. Whatever could carry a secret or a token is left out.
 *
 * @param write takes each line instead of standard output
 */
export function createLogger(options: { level: string; write?: (line: string) => void }): Logger {
  const { level, write } = options;
  const settings = {
    level,
    base: null,
    timestamp: () => `,"time":"${isoTime(Date.now())}"`,
    serializers: { error: (error: unknown) => tell(error, CAUSES_MAX) },
    redact: {
      paths: [...SECRETS, ...SECRETS.map((name) => `*.${name}`)],
      remove: true,
    },
  };
  return pino(settings, write ? { write } : createTurnOutput());
}

/**
 * Standard output, for which the lines of one turn of the event loop travel in one write: a write costs as much
 * as several lines. What is left when the process exits is written then.
 */
function createTurnOutput(): { write(line: string): void } {
  const output = pino.destination({ dest: process.stdout.fd, sync: true });
  let lines = '';
  const writeAll = (): void => {
    const text = lines;
    // First: an output that throws must not be given the same again.
    lines = '';
    if (text !== '') output.write(text);
  };
  process.on('exit', writeAll);
  return {
    write(line) {
      if (lines === '') setImmediate(writeAll);
      lines += line;
      if (lines.length > TURN_CHARS_MAX) writeAll();
    },
  };
}

interface ToldError {
  type: string;
  message: string;
  code?: string;
  stack?: string | undefined;
  cause?: ToldError;
}

/**
 * What is written of an error. Never all its properties: drivers hang their connection on it, keys included,
 * and the arguments of the command, a password among them.
 */
function tell(error: unknown, causesMax: number): ToldError {
  if (!isError(error)) return { type: typeof error, message: String(error) };
  const code = errorCode(error);
  return {
    type: error.name,
    message: error.message,
    ...(code ? { code } : {}),
    stack: error.stack,
    ...(error.cause !== undefined && causesMax > 0
      ? { cause: tell(error.cause, causesMax - 1) }
      : {}),
  };
}
