import { z } from 'zod';

/** Secrets shorter than this can be guessed. */
export const SECRET_CHARS_MIN = 32;

export const wholeNumber = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, `a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((n) => n >= min && n <= max, `a whole number from ${min} to ${max}`);
export const url = (...protocols: string[]) =>
  z
    .string()
    .refine(
      (text) => URL.canParse(text) && protocols.includes(new URL(text).protocol),
      `a URL that begins with ${protocols.map((one) => `${one}//`).join(' or ')}`,
    );
export const flag = z
  .enum(['true', 'false', '1', '0'], 'true or false')
  .transform((text) => text === 'true' || text === '1');
export const secret = z.string().min(SECRET_CHARS_MIN, `at least ${SECRET_CHARS_MIN} characters`);
export const named = (kind: string) =>
  z
    .string()
    .transform((text) => text.split(',').map((one) => one.trim()))
    .refine(
      (all) => all.every((one) => /^[\w.-]{1,64}:.+$/.test(one)),
      `${kind} as name:secret, separated by commas`,
    )
    .transform((all) =>
      all.map((one) => ({
        name: one.slice(0, one.indexOf(':')),
        value: one.slice(one.indexOf(':') + 1),
      })),
    )
    .refine(
      (all) => all.every((one) => one.value.length >= SECRET_CHARS_MIN),
      `secrets of at least ${SECRET_CHARS_MIN} characters`,
    )
    .refine(
      (all) => new Set(all.map((one) => one.name)).size === all.length,
      'a different name for each secret',
    );

export const hostPorts = (text: string) =>
  text.split(',').map((one) => {
    const [, host = '', port = ''] = /^\s*([^\s:]+):(\d{1,5})\s*$/.exec(one) ?? [];
    return { host, port: Number(port) };
  });
export const areHostPorts = (all: { host: string; port: number }[]) =>
  all.every((one) => one.host !== '' && one.port > 0 && one.port < 65_536);
