import { spawnSync } from 'node:child_process';
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
    const headers = { authorization: 'Bearer abc', cookie: 'abc' };
    logger.info({ token: 'abc', headers, claims: { bearer: 'Bearer abc' } }, 'x');
    expect(lines[0]).not.toContain('abc');
  });

  it('loses no line and keeps their order, of the turn in which the process ends neither', () => {
    const script = `
      const { createLogger } = await import('./dist/src/platform/logger.js');
      const logger = createLogger({ level: 'info' });
      const long = 'x'.repeat(1_000);
      for (let nth = 0; nth < 500; nth += 1) logger.info({ nth, long }, 'line');
      setTimeout(() => {
        for (let nth = 500; nth < 1_000; nth += 1) logger.child({}).warn({ nth, long }, 'line');
        process.nextTick(() => { throw new Error('the end'); });
      });`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      maxBuffer: 4 * 1_024 * 1_024,
    });
    const nths = stdout.split('\n').flatMap((line) => (line ? [JSON.parse(line).nth] : []));
    expect(nths).toEqual(Array.from({ length: 1_000 }, (_, nth) => nth));
  });
});
