import pg from 'pg';
import { isError } from './errors.ts';

const PROBE_TIMEOUT_MS = 2_000;

/** Whether Postgres takes a connection and a statement, or what it says instead. */
export async function probePostgres(
  url: string,
): Promise<{ name: string; ok: boolean; detail: string }> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: PROBE_TIMEOUT_MS,
    query_timeout: PROBE_TIMEOUT_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
    return { name: 'postgres', ok: true, detail: 'answers' };
  } catch (error) {
    return { name: 'postgres', ok: false, detail: isError(error) ? wordOf(error) : 'away' };
  } finally {
    void client.end().catch(() => undefined);
  }
}

/** Several addresses that all refused come as one error with an empty message. */
function wordOf(error: Error): string {
  if (error instanceof AggregateError) return error.errors.map(String).join('; ');
  return error.message || 'away';
}
