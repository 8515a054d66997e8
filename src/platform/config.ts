import { z } from 'zod';
import {
  areHostPorts,
  flag,
  hostPorts,
  named,
  SECRET_CHARS_MIN,
  secret,
  url,
  wholeNumber,
} from './config-shapes.ts';

/** Where Redis is. */
export type RedisTarget =
  | { kind: 'single'; url: string }
  | { kind: 'cluster'; nodes: { host: string; port: number }[]; password: string | undefined }
  | {
      kind: 'sentinel';
      name: string;
      sentinels: { host: string; port: number }[];
      password: string | undefined;
      sentinelPassword: string | undefined;
    };

export interface QueueTokenSecret {
  kid: string;
  secret: string;
}

export interface AdminKey {
  name: string;
  key: string;
}

/** Everything that the environment decides, read once. `undefined` servers are started privately. */
export interface Config {
  port: number;
  host: string;
  databaseUrl: string | undefined;
  redis: RedisTarget | undefined;
  /** The first one signs, all verify. */
  queueTokenSecrets: QueueTokenSecret[];
  adminKeys: AdminKey[];
  customerAuth: 'open' | 'jwt';
  customerJwt: { secret: string } | { jwksUrl: string } | undefined;
  holdSeconds: number;
  seatsPerReservationMax: number;
  seatsPerCustomerMax: number;
  demoData: boolean;
  dataDir: string;
  logLevel: (typeof LOG_LEVELS)[number];
  trustedProxies: number;
  /** How long a stopping API says so before it closes its door, and then leaves idle connections alone, seconds. */
  drainSeconds: number;
  /** Where a worker shows its health and metrics; undefined: nowhere. */
  metricsPort: number | undefined;
  requestsPerSecondPerCustomer: number;
  /** 0: not limited. */
  requestsPerSecondPerAddress: number;
  /** At least one server is private to this process. */
  embedded: boolean;
}

/** A value that cannot be used; the message is one sentence that names the variable and what was expected. */
export class ConfigError extends Error {}

/** A proxy in front must give up idle connections sooner than this. */
const DRAIN_SECONDS = 5;
const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
/** Of one address and second, in one process: a carrier puts thousands of people behind one. */
const ADDRESS_RATE = 2_000;
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

const environment = z.object({
  PORT: wholeNumber(0, 65_535).default(3_000),
  HOST: z.string().min(1, 'an address to listen on').default('127.0.0.1'),
  NODE_ENV: z.string().default(''),
  DATABASE_URL: url('postgresql:', 'postgres:').optional(),
  REDIS_URL: url('redis:', 'rediss:').optional(),
  REDIS_CLUSTER: z
    .string()
    .transform(hostPorts)
    .refine(areHostPorts, 'nodes as host:port, separated by commas')
    .optional(),
  REDIS_SENTINELS: z
    .string()
    .regex(/^[\w.-]+@/, 'name@host:port,host:port')
    .transform((text) => ({
      name: text.slice(0, text.indexOf('@')),
      sentinels: hostPorts(text.slice(text.indexOf('@') + 1)),
    }))
    .refine((one) => areHostPorts(one.sentinels), 'name@host:port,host:port')
    .optional(),
  REDIS_PASSWORD: z.string().optional(),
  REDIS_SENTINEL_PASSWORD: z.string().optional(),
  QUEUE_TOKEN_SECRETS: named('secrets').optional(),
  ADMIN_API_KEYS: named('keys').optional(),
  ADMIN_API_KEY: secret.optional(),
  CUSTOMER_AUTH: z.enum(['open', 'jwt'], 'open or jwt').optional(),
  CUSTOMER_JWT_SECRET: secret.optional(),
  CUSTOMER_JWKS_URL: url('https:', 'http:').optional(),
  HOLD_SECONDS: wholeNumber(1, 86_400).default(300),
  SEATS_PER_RESERVATION_MAX: wholeNumber(1, 50).default(4),
  SEATS_PER_CUSTOMER_MAX: wholeNumber(1, 1_000).default(4),
  DEMO_DATA: flag.optional(),
  DATA_DIR: z.string().min(1, 'a folder').default('.foyer'),
  LOG_LEVEL: z.enum(LOG_LEVELS, `one of ${LOG_LEVELS.join(', ')}`).optional(),
  TRUSTED_PROXIES: wholeNumber(0, 10).default(0),
  DRAIN_SECONDS: wholeNumber(0, 300).optional(),
  METRICS_PORT: wholeNumber(1, 65_535).optional(),
  REQUESTS_PER_SECOND_PER_CUSTOMER: wholeNumber(1, 1_000_000).default(50),
  REQUESTS_PER_SECOND_PER_ADDRESS: wholeNumber(0, 1_000_000).optional(),
});

type Environment = z.infer<typeof environment>;

/** Secrets that a private installation makes for itself and keeps in its data folder. */
export interface GeneratedSecrets {
  queueTokenSecret: string;
  adminKey: string;
}

/**
 * Reads and checks the environment, once, at start. Empty variables count as not set.
 *
 * @param generated secrets to use in embedded mode where none are set; called only then, with the data folder
 * @throws ConfigError
 */
export function readConfig(
  env: Record<string, string | undefined>,
  generated?: (dataDir: string) => GeneratedSecrets,
): Config {
  const vars = parseEnvironment(env);
  const redis = redisTarget(vars);
  const embedded = vars.DATABASE_URL === undefined || redis === undefined;
  return {
    port: vars.PORT,
    host: vars.HOST,
    databaseUrl: vars.DATABASE_URL,
    redis,
    ...secrets(vars, embedded ? generated?.(vars.DATA_DIR) : undefined),
    ...customerAuth(vars, embedded),
    holdSeconds: vars.HOLD_SECONDS,
    seatsPerReservationMax: vars.SEATS_PER_RESERVATION_MAX,
    seatsPerCustomerMax: vars.SEATS_PER_CUSTOMER_MAX,
    demoData: vars.DEMO_DATA ?? embedded,
    dataDir: vars.DATA_DIR,
    logLevel: vars.LOG_LEVEL ?? (embedded ? 'warn' : 'info'),
    trustedProxies: vars.TRUSTED_PROXIES,
    drainSeconds: vars.DRAIN_SECONDS ?? (embedded ? 0 : DRAIN_SECONDS),
    metricsPort: vars.METRICS_PORT,
    requestsPerSecondPerCustomer: vars.REQUESTS_PER_SECOND_PER_CUSTOMER,
    requestsPerSecondPerAddress:
      vars.REQUESTS_PER_SECOND_PER_ADDRESS ?? (seesAddresses(vars) ? ADDRESS_RATE : 0),
    embedded,
  };
}

/** Where the servers are, for a tool that needs no secrets. @throws ConfigError */
export function readTargets(
  env: Record<string, string | undefined>,
): Pick<Config, 'databaseUrl' | 'redis' | 'dataDir'> {
  const vars = parseEnvironment(env);
  return { databaseUrl: vars.DATABASE_URL, redis: redisTarget(vars), dataDir: vars.DATA_DIR };
}

function parseEnvironment(env: Record<string, string | undefined>): Environment {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(set);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new ConfigError(`${String(issue?.path[0])} must be ${issue?.message}.`);
}

/** On loopback without a proxy to believe, all callers seem to be one. */
function seesAddresses(vars: Environment): boolean {
  return !LOOPBACK.has(vars.HOST) || vars.TRUSTED_PROXIES > 0;
}

function redisTarget(vars: Environment): RedisTarget | undefined {
  const given = [vars.REDIS_URL, vars.REDIS_CLUSTER, vars.REDIS_SENTINELS].filter(Boolean);
  if (given.length > 1) {
    throw new ConfigError('Set only one of REDIS_URL, REDIS_CLUSTER and REDIS_SENTINELS.');
  }
  if (vars.REDIS_URL) return { kind: 'single', url: vars.REDIS_URL };
  const { REDIS_PASSWORD: password, REDIS_SENTINEL_PASSWORD: sentinelPassword } = vars;
  if (vars.REDIS_CLUSTER) return { kind: 'cluster', nodes: vars.REDIS_CLUSTER, password };
  if (vars.REDIS_SENTINELS) {
    return { kind: 'sentinel', ...vars.REDIS_SENTINELS, password, sentinelPassword };
  }
  return undefined;
}

function secrets(
  vars: Environment,
  generated: GeneratedSecrets | undefined,
): Pick<Config, 'queueTokenSecrets' | 'adminKeys'> {
  const queueTokenSecrets =
    vars.QUEUE_TOKEN_SECRETS?.map(({ name, value }) => ({ kid: name, secret: value })) ??
    (generated ? [{ kid: 'own', secret: generated.queueTokenSecret }] : undefined);
  if (!queueTokenSecrets) {
    throw new ConfigError(
      `QUEUE_TOKEN_SECRETS must be set (kid:secret, at least ${SECRET_CHARS_MIN} characters): without it nobody's place can be proven.`,
    );
  }
  const adminKeys = vars.ADMIN_API_KEYS?.map(({ name, value }) => ({ name, key: value })) ?? [];
  if (vars.ADMIN_API_KEY) adminKeys.push({ name: 'admin', key: vars.ADMIN_API_KEY });
  if (adminKeys.length === 0 && generated)
    adminKeys.push({ name: 'admin', key: generated.adminKey });
  if (adminKeys.length === 0) {
    throw new ConfigError(
      `ADMIN_API_KEY must be set (at least ${SECRET_CHARS_MIN} characters): without it nobody can run the sale.`,
    );
  }
  const { CUSTOMER_JWT_SECRET: shared } = vars;
  if (queueTokenSecrets.some((one) => one.secret === shared)) {
    throw new ConfigError(
      'CUSTOMER_JWT_SECRET must be another secret than QUEUE_TOKEN_SECRETS: a token of one would pass for the other.',
    );
  }
  return { queueTokenSecrets, adminKeys };
}

function customerAuth(
  vars: Environment,
  embedded: boolean,
): Pick<Config, 'customerAuth' | 'customerJwt'> {
  const { CUSTOMER_JWT_SECRET: jwtSecret, CUSTOMER_JWKS_URL: jwksUrl } = vars;
  if (jwtSecret && jwksUrl) {
    throw new ConfigError('Set only one of CUSTOMER_JWT_SECRET and CUSTOMER_JWKS_URL.');
  }
  const customerJwt = jwtSecret ? { secret: jwtSecret } : jwksUrl ? { jwksUrl } : undefined;
  const openByDefault = embedded && LOOPBACK.has(vars.HOST) && vars.NODE_ENV !== 'production';
  const auth = vars.CUSTOMER_AUTH ?? (customerJwt ? 'jwt' : openByDefault ? 'open' : undefined);
  if (!auth) {
    throw new ConfigError(
      'CUSTOMER_AUTH must be set by hand here: jwt, with CUSTOMER_JWT_SECRET or CUSTOMER_JWKS_URL, or open, which believes any customerId.',
    );
  }
  if (auth === 'jwt' && !customerJwt) {
    throw new ConfigError('CUSTOMER_AUTH=jwt needs CUSTOMER_JWT_SECRET or CUSTOMER_JWKS_URL.');
  }
  return { customerAuth: auth, customerJwt };
}
