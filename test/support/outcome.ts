import { AppError } from '../../src/platform/errors.ts';

/** How a call ended: `ok`, or the code of its refusal. Anything else that it throws is the test's to see. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'ok';
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}
