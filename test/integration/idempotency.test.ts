import { idempotently, purgeIdempotencyKeys } from '../../src/payments/idempotency.ts';
import { AppError } from '../../src/platform/errors.ts';
import { type Stack, startStack } from '../support/stack.ts';

describe('an idempotency key', () => {
  let stack: Stack;
  let customerId: number;
  let runs = 0;
  beforeAll(async () => {
    stack = await startStack();
    [customerId = 0] = await stack.customers(1, 100);
  });
  beforeEach(() => {
    runs = 0;
  });
  afterAll(() => stack.close());

  const balance = async (): Promise<unknown> => {
    const [row] = await stack.services.db.query<{ balance: number }>({
      text: 'SELECT balance FROM accounts WHERE customer_id = $1',
      values: [customerId],
    });
    return row?.balance;
  };

  /** Adds one point, then throws `error` if there is one. */
  const addOne = (
    key: string,
    options: {
      hash?: string;
      error?: Error;
      operation?: string;
      during?: () => Promise<void>;
    } = {},
  ) =>
    idempotently(
      stack.services.db,
      {
        customerId,
        operation: options.operation ?? 'test',
        request: { key, hash: options.hash ?? 'h' },
      },
      async (tx) => {
        runs += 1;
        await tx.batch([
          {
            text: 'UPDATE accounts SET balance = balance + 1 WHERE customer_id = $1',
            values: [customerId],
          },
        ]);
        await options.during?.();
        if (options.error) throw options.error;
        return { runs };
      },
    );

  it('gives the first answer again, without the effect', async () => {
    const before = Number(await balance());
    expect(await addOne('a')).toEqual({ value: { runs: 1 }, replayed: false });
    expect(await addOne('a')).toEqual({ value: { runs: 1 }, replayed: true });
    expect([runs, await balance()]).toEqual([1, before + 1]);
  });

  it('lets one run at a time, and answers the others when it is done', async () => {
    const before = Number(await balance());
    let finish: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    let begun: () => void = () => undefined;
    const running = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const first = addOne('busy', {
      during: () => {
        begun();
        return gate;
      },
    });
    await running;
    try {
      await expect(addOne('busy')).rejects.toMatchObject({ code: 'IDEMPOTENCY_IN_PROGRESS' });
    } finally {
      finish();
    }
    expect(await first).toEqual({ value: { runs: 1 }, replayed: false });
    expect(await addOne('busy')).toEqual({ value: { runs: 1 }, replayed: true });
    expect(await balance()).toBe(before + 1);
  });

  it('refuses another request under the same key, but not under another operation', async () => {
    await addOne('b');
    await expect(addOne('b', { hash: 'other' })).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
    expect(await addOne('b', { operation: 'other' })).toMatchObject({ replayed: false });
    expect(runs).toBe(2);
  });

  it('keeps a lasting refusal, marked as replayed, without its effect', async () => {
    const before = await balance();
    const refused = { error: new AppError('HOLD_EXPIRED', { details: { why: 'late' } }) };
    await expect(addOne('c', refused)).rejects.toMatchObject({ code: 'HOLD_EXPIRED' });
    await expect(addOne('c', refused)).rejects.toMatchObject({
      code: 'HOLD_EXPIRED',
      details: { why: 'late', idempotencyReplayed: true },
    });
    expect([runs, await balance()]).toEqual([1, before]);
  });

  it('has no effect when the row that would remember it cannot be written', async () => {
    const { pool } = stack.services.db;
    const before = await balance();
    await pool.query(`CREATE TRIGGER no_row BEFORE INSERT ON idempotency_keys
                      FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()`);
    try {
      await expect(addOne('d')).rejects.toThrow('append-only');
    } finally {
      await pool.query('DROP TRIGGER no_row ON idempotency_keys');
    }
    expect(await balance()).toBe(before);
    expect(await addOne('d')).toMatchObject({ replayed: false });
  });

  it.each([
    ['a budget', new AppError('OUT_OF_BUDGET')],
    ['a conflict', new AppError('ALREADY_TAKEN')],
    ['a limit', new AppError('RATE_LIMITED')],
    ['an outage', new AppError('UNAVAILABLE')],
    ['no slot yet', new AppError('QUEUE_NOT_ACTIVE', { retryAfterSeconds: 1 })],
    ['a bug', new Error('a bug')],
  ])('forgets what may pass: %s', async (name, error) => {
    const before = Number(await balance());
    await expect(addOne(name, { error })).rejects.toThrow();
    expect(await addOne(name)).toMatchObject({ replayed: false });
    expect(await balance()).toBe(before + 1);
  });

  it('is forgotten after a day, and purged', async () => {
    await addOne('old');
    await addOne('young');
    await stack.services.db.query({
      text: `UPDATE idempotency_keys SET created_at = created_at - interval '24 h' WHERE key = 'old'`,
    });
    expect(await purgeIdempotencyKeys(stack.services.db)).toBe(1);
    expect(await addOne('young')).toMatchObject({ replayed: true });
    expect(await addOne('old')).toMatchObject({ replayed: false });
  });
});
