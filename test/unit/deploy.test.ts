import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { readConfig } from '../../src/platform/config.ts';

const read = (path: string): string => readFileSync(path, 'utf8');

const service = z.object({
  image: z.string(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).default({}),
  healthcheck: z.object({}).loose().optional(),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  volumes: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  profiles: z.array(z.string()).default([]),
  read_only: z.boolean().default(false),
});
const compose = z
  .object({ services: z.record(z.string(), service), volumes: z.record(z.string(), z.unknown()) })
  .parse(parse(read('docker-compose.yml'), { merge: true }));
const own = ['migrate', 'api', 'worker'];
const envExample = read('.env.example');

describe('docker-compose.yml', () => {
  it('has every part, monitoring only when it is asked for', () => {
    const names = Object.keys(compose.services).sort();
    expect(names).toEqual(
      ['api', 'grafana', 'migrate', 'nginx', 'postgres', 'prometheus', 'redis', 'worker'].sort(),
    );
    const optional = names.filter((name) => compose.services[name]?.profiles.length);
    expect(optional).toEqual(['grafana', 'prometheus']);
  });

  it.each(Object.entries(compose.services))(
    '%s is pinned, checked and waits for what it needs',
    (name, one) => {
      if (own.includes(name)) expect(one.image).toMatch(/^foyer:/);
      else expect(one.image).toMatch(/:v?\d+\.\d+(\.\d+)?(-alpine)?$/);
      // The image of API, worker and migrate brings the API's own check.
      if (!['api'].includes(name)) expect(one.healthcheck).toBeDefined();
      for (const [other, { condition }] of Object.entries(one.depends_on)) {
        expect(Object.keys(compose.services)).toContain(other);
        expect(condition).toBe(
          other === 'migrate' ? 'service_completed_successfully' : 'service_healthy',
        );
      }
      for (const volume of one.volumes) {
        const [source = ''] = volume.split(':');
        if (source.startsWith('./'))
          expect(
            read(source.includes('.y') || source.includes('.conf') ? source : 'package.json'),
          ).not.toBe('');
        else expect(Object.keys(compose.volumes)).toContain(source);
      }
    },
  );

  it('opens only nginx to the world, so that /metrics and the stores stay inside', () => {
    const open = Object.entries(compose.services).flatMap(([name, one]) =>
      one.ports.map((port) => `${name} ${port}`),
    );
    expect(open).toEqual([
      expect.stringMatching(/^nginx .*:80$/),
      expect.stringMatching(/^grafana 127\.0\.0\.1:/),
    ]);
  });

  it('gives the processes an environment that they understand, and no secret of its own', () => {
    const values: Record<string, string> = {
      POSTGRES_PASSWORD: 'pg',
      REDIS_PASSWORD: 'rd',
      QUEUE_TOKEN_SECRETS: `a:${'s'.repeat(32)}`,
      ADMIN_API_KEYS: `alice:${'k'.repeat(32)}`,
      CUSTOMER_AUTH: 'jwt',
      CUSTOMER_JWT_SECRET: 'j'.repeat(32),
    };
    const filled = (text: string): string =>
      text.replace(/\$\{(\w+)(?::(-|\?)([^}]*))?\}/g, (_, name, kind, rest) => {
        const value = values[name] ?? (kind === '-' ? rest : undefined);
        if (value === undefined) throw new Error(`${name} is not set`);
        return value;
      });
    for (const name of ['api', 'worker']) {
      const environment = compose.services[name]?.environment ?? {};
      for (const variable of Object.keys(environment)) {
        expect(envExample).toMatch(new RegExp(`^# ${variable}=`, 'm'));
      }
      for (const secret of ['QUEUE_TOKEN_SECRETS', 'ADMIN_API_KEYS', 'CUSTOMER_AUTH']) {
        // Compose refuses to start without it.
        expect(environment[secret]).toMatch(/^\$\{\w+:\?/);
      }
      const env = Object.fromEntries(
        Object.entries(environment).map(([key, text]) => [key, filled(text)]),
      );
      expect(readConfig(env)).toMatchObject({
        embedded: false,
        host: '0.0.0.0',
        trustedProxies: 1,
        customerAuth: 'jwt',
        databaseUrl: 'postgresql://foyer:pg@postgres:5432/foyer',
        redis: { kind: 'single', url: 'redis://:rd@redis:6379' },
        metricsPort: name === 'worker' ? 9464 : undefined,
      });
    }
  });

  it('keeps Redis in an append-only file and evicts nothing', () => {
    const command = compose.services['redis']?.command?.join('\n') ?? '';
    expect(command).toContain('appendonly yes');
    expect(command).toContain('maxmemory-policy noeviction');
    expect(compose.services['redis']?.volumes).toEqual(['redis:/data']);
  });
});

describe('Dockerfile', () => {
  const lines = read('Dockerfile').split('\n');
  const stages = lines.filter((line) => line.startsWith('FROM '));
  const last = lines.slice(lines.lastIndexOf(stages.at(-1) ?? ''));

  it('builds in stages from one pinned Node, and runs as nobody special', () => {
    expect(stages).toHaveLength(3);
    for (const stage of stages)
      expect(stage).toMatch(/^FROM node:\d+\.\d+\.\d+-\w+-slim( AS \w+)?$/);
    expect(last).toContain('USER node');
    expect(last.join('\n')).toMatch(/HEALTHCHECK[\s\S]*health\/ready/);
  });

  it('takes along only what runs', () => {
    expect(last.filter((line) => line.startsWith('COPY'))).toEqual([
      'COPY --from=dependencies /app/node_modules node_modules',
      'COPY --from=build /app/dist dist',
      'COPY --from=build /app/prisma prisma',
      'COPY package.json ./',
    ]);
    const ignored = read('.dockerignore').split('\n');
    expect(ignored[0]).toBe('**');
    expect(ignored.join('\n')).not.toMatch(/^!\.(env|foyer|git)/m);
  });
});

describe('alerts', () => {
  const { groups } = z
    .object({
      groups: z.array(
        z.object({
          rules: z.array(
            z.object({
              alert: z.string(),
              expr: z.string(),
              labels: z.object({ severity: z.enum(['page', 'ticket']) }),
              annotations: z.object({ summary: z.string(), runbook: z.string() }),
            }),
          ),
        }),
      ),
    })
    .parse(parse(read('deploy/alerts.yml')));
  const rules = groups.flatMap((group) => group.rules);
  const handbook = read('docs/operations.md');

  it.each(rules.map((rule) => [rule.alert, rule] as const))(
    '%s has its entry: what it means, what to do',
    (name, rule) => {
      expect(rule.annotations.runbook).toBe(`docs/operations.md#${name.toLowerCase()}`);
      const entry = handbook.split(/^### /m).find((part) => part.startsWith(`${name}\n`)) ?? '';
      expect(entry).toMatch(/^Means: /m);
      expect(entry).toMatch(/^Do: /m);
    },
  );
});
