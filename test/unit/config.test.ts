import { readFileSync } from 'node:fs';
import { ConfigError, readConfig } from '../../src/platform/config.ts';

const long = 'x'.repeat(32);
const servers = { DATABASE_URL: 'postgresql://localhost/foyer', REDIS_URL: 'redis://localhost' };
const complete = {
  ...servers,
  QUEUE_TOKEN_SECRETS: `a:${long},b:${long}`,
  ADMIN_API_KEY: long,
  CUSTOMER_AUTH: 'open',
};
const generated = () => ({ queueTokenSecret: long, adminKey: long });

describe('readConfig', () => {
  it('needs nothing for private servers on loopback', () => {
    expect(readConfig({}, generated)).toMatchObject({
      port: 3000,
      host: '127.0.0.1',
      customerAuth: 'open',
      holdSeconds: 300,
      demoData: true,
      embedded: true,
      dataDir: '.foyer',
      logLevel: 'warn',
    });
  });

  it('reads given servers and secrets, the first of which signs', () => {
    expect(readConfig(complete)).toMatchObject({
      embedded: false,
      demoData: false,
      redis: { kind: 'single', url: 'redis://localhost' },
      queueTokenSecrets: [
        { kid: 'a', secret: long },
        { kid: 'b', secret: long },
      ],
      adminKeys: [{ name: 'admin', key: long }],
    });
  });

  it('reads Cluster and Sentinel', () => {
    const { REDIS_URL: _, ...rest } = complete;
    const secrets = { REDIS_PASSWORD: 'of the data', REDIS_SENTINEL_PASSWORD: 'of the sentinels' };
    expect(readConfig({ ...rest, ...secrets, REDIS_CLUSTER: 'a:1, b:2' }).redis).toEqual({
      kind: 'cluster',
      password: 'of the data',
      nodes: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
    });
    expect(readConfig({ ...rest, ...secrets, REDIS_SENTINELS: 'mymaster@a:1' }).redis).toEqual({
      kind: 'sentinel',
      password: 'of the data',
      sentinelPassword: 'of the sentinels',
      name: 'mymaster',
      sentinels: [{ host: 'a', port: 1 }],
    });
  });

  const refused: [string, Record<string, string>, RegExp][] = [
    ['a bad port', { PORT: '70000' }, /^PORT must be a whole number/],
    ['a bad database URL', { DATABASE_URL: 'mysql://x' }, /^DATABASE_URL must be a URL/],
    ['a bad Redis URL', { REDIS_URL: 'localhost:6379' }, /^REDIS_URL must be a URL/],
    ['a bad cluster', { REDIS_URL: '', REDIS_CLUSTER: 'a:x' }, /^REDIS_CLUSTER must be nodes/],
    ['two kinds of Redis', { REDIS_CLUSTER: 'a:1' }, /^Set only one of REDIS_URL/],
    [
      'a weak secret',
      { QUEUE_TOKEN_SECRETS: 'a:short' },
      /^QUEUE_TOKEN_SECRETS must be secrets of/,
    ],
    ['a secret without a name', { QUEUE_TOKEN_SECRETS: long }, /^QUEUE_TOKEN_SECRETS must be/],
    ['no secret', { QUEUE_TOKEN_SECRETS: '' }, /^QUEUE_TOKEN_SECRETS must be set/],
    ['a weak admin key', { ADMIN_API_KEY: 'admin' }, /^ADMIN_API_KEY must be at least 32/],
    ['no admin key', { ADMIN_API_KEY: '' }, /^ADMIN_API_KEY must be set/],
    ['no decision who customers are', { CUSTOMER_AUTH: '' }, /^CUSTOMER_AUTH must be set by hand/],
    ['jwt without a key', { CUSTOMER_AUTH: 'jwt' }, /^CUSTOMER_AUTH=jwt needs/],
    [
      'one secret for two purposes',
      { CUSTOMER_JWT_SECRET: long },
      /^CUSTOMER_JWT_SECRET must be another secret/,
    ],
    ['a bad rate', { REQUESTS_PER_SECOND_PER_CUSTOMER: '0' }, /^REQUESTS_PER_SECOND_PER_CUSTOMER/],
    ['a bad hold', { HOLD_SECONDS: '0' }, /^HOLD_SECONDS must be/],
    ['a bad log level', { LOG_LEVEL: 'loud' }, /^LOG_LEVEL must be one of/],
  ];
  it.each(refused)('ends with one sentence about %s', (_, env, sentence) => {
    const read = () => readConfig({ ...complete, ...env });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(sentence);
    try {
      read();
    } catch (error) {
      expect(String(error)).not.toContain('\n');
    }
  });

  it('limits addresses where they can be told apart, or as it is told', () => {
    const rate = (env: Record<string, string>) =>
      readConfig({ ...complete, ...env }).requestsPerSecondPerAddress;
    expect(rate({})).toBe(0);
    expect(rate({ TRUSTED_PROXIES: '1' })).toBe(2_000);
    expect(rate({ HOST: '0.0.0.0' })).toBe(2_000);
    expect(rate({ HOST: '0.0.0.0', REQUESTS_PER_SECOND_PER_ADDRESS: '0' })).toBe(0);
    expect(rate({ REQUESTS_PER_SECOND_PER_ADDRESS: '7' })).toBe(7);
  });

  it('does not open itself to the world unasked', () => {
    expect(() => readConfig({ HOST: '0.0.0.0' }, generated)).toThrow(/^CUSTOMER_AUTH must be set/);
    expect(() => readConfig({ NODE_ENV: 'production' }, generated)).toThrow(/^CUSTOMER_AUTH must/);
    expect(readConfig({ HOST: '0.0.0.0', CUSTOMER_AUTH: 'open' }, generated).customerAuth).toBe(
      'open',
    );
  });

  it('has every variable in .env.example', () => {
    const source = readFileSync('src/platform/config.ts', 'utf8');
    const block = /const environment = z\.object\(\{([\s\S]*?)\n\}\);/.exec(source)?.[1] ?? '';
    const variables = [...block.matchAll(/^ {2}([A-Z_]+):/gm)].map((match) => match[1]);
    const documented = readFileSync('.env.example', 'utf8');
    expect(variables.length).toBeGreaterThan(15);
    for (const name of variables) expect(documented).toMatch(new RegExp(`^#? ?${name}=`, 'm'));
  });
});
