import { createLogger } from '../../src/platform/logger.ts';

describe('the log', () => {
  const lines: string[] = [];
  const logger = createLogger({ level: 'trace', write: (line) => lines.push(line) });
  beforeEach(() => lines.splice(0));

  it('says of an error what it is and why, and nothing that hangs on it', () => {
    const cause = Object.assign(new Error('refused'), {
      code: 'ECONNREFUSED',
      client: { secretKey: 12345, password: 'hunter2' },
      command: { name: 'auth', args: ['hunter2'] },
    });
    logger.error({ error: new TypeError('went wrong', { cause }) }, 'failed');
    const { error } = JSON.parse(lines[0] ?? '');
    expect(error).toEqual({
      type: 'TypeError',
      message: 'went wrong',
      stack: expect.stringContaining('logger.test'),
      cause: {
        type: 'Error',
        message: 'refused',
        code: 'ECONNREFUSED',
        stack: expect.any(String),
      },
    });
    expect(lines[0]).not.toMatch(/hunter2|12345/);
  });

  it('writes one line each, whatever was said, and of things that are no errors too', () => {
    logger.info({ room: 'a\n{"level":60}\r\n\u001b[2J' }, 'two\nlines');
    logger.warn({ error: 'just text' }, 'odd');
    expect(lines.map((line) => line.split('\n').length)).toEqual([2, 2]);
    expect(lines[0]).not.toContain('\u001b');
    expect(JSON.parse(lines[1] ?? '').error).toEqual({ type: 'string', message: 'just text' });
  });

  it('leaves tokens, cookies and authorizations out', () => {
    logger.info({ token: 'abc', headers: { authorization: 'Bearer abc', cookie: 'abc' } }, 'x');
    expect(lines[0]).not.toContain('abc');
  });
});
