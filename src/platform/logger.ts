import { type Logger, pino } from 'pino';

export type { Logger };

/** JSON lines on standard output. Whatever could carry a secret or a token is left out. */
export function createLogger(options: { level: string }): Logger {
  return pino({
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { error: pino.stdSerializers.err },
    redact: {
      paths: ['authorization', 'cookie', 'token', '*.authorization', '*.cookie', '*.token'],
      remove: true,
    },
  });
}
