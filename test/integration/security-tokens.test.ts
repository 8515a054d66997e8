import { createSecretKey, generateKeyPairSync } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { type ShopKeys, serveShopKeys } from '../support/shop-keys.ts';
import { QUEUE_SECRET, type Stack, startStack } from '../support/stack.ts';

const header = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Foyer's own tokens: HS256 with a key that its `kid` names, and nothing else about them is believed. */
describe('queue tokens and identities', () => {
  let stack: Stack;
  let claims: { use: string; room: string; seq: number };
  let subject: string;
  beforeAll(async () => {
    stack = await startStack();
    const roomId = await stack.room({ capacity: 5 });
    const [customerId = 0] = await stack.customers(1);
    const { token } = await stack.activate(roomId, customerId);
    const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString();
    claims = { use: 'queue', room: roomId, seq: JSON.parse(payload).seq };
    subject = String(customerId);
  });
  afterAll(() => stack.close());

  const signed = (options: jwt.SignOptions, key: jwt.Secret = QUEUE_SECRET) =>
    jwt.sign(claims, key, { keyid: 'test', subject, expiresIn: 60, ...options });
  async function answers(token: string) {
    const calls = await Promise.all([
      stack.api.get('/customer/waiting').set('Authorization', `Bearer ${token}`),
      stack.api.get('/customer/waiting/').set('Authorization', `Bearer ${token}`),
      stack.api.get('/reservation').set('Authorization', `Bearer ${token}`),
    ]);
    return calls.map(({ status, body }) => body.code ?? status);
  }
  const refused = ['TOKEN_INVALID', 'TOKEN_INVALID', 'TOKEN_INVALID'];

  it('are believed when signed as they should be', async () => {
    expect(await answers(signed({}))).toEqual([200, 200, 200]);
  });

  it('lend their signature to no other, though they were believed before', async () => {
    const token = signed({});
    expect(await answers(token)).toEqual([200, 200, 200]);
    const [head, body = '', signature] = token.split('.');
    const said = JSON.parse(Buffer.from(body, 'base64url').toString());
    const forged = header({ ...said, sub: String(Number(subject) + 1) });
    expect(await answers(`${head}.${forged}.${signature}`)).toEqual(refused);
  });

  it('are refused under any other algorithm', async () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const key = createSecretKey(QUEUE_SECRET, 'utf8');
    expect(await answers(signed({ algorithm: 'HS384' }, key))).toEqual(refused);
    expect(await answers(signed({ algorithm: 'HS512' }, key))).toEqual(refused);
    expect(await answers(signed({ algorithm: 'RS256' }, rsa.privateKey))).toEqual(refused);
    expect(await answers(signed({ algorithm: 'PS256' }, rsa.privateKey))).toEqual(refused);
    expect(await answers(signed({ algorithm: 'ES256' }, ec.privateKey))).toEqual(refused);
    const [, body = '', signature = ''] = signed({}).split('.');
    for (const alg of ['none', 'None', 'NONE', '', null, ['HS256'], 'hs256']) {
      const head = header({ alg, typ: 'JWT', kid: 'test' });
      expect([alg, await answers(`${head}.${body}.`)]).toEqual([alg, refused]);
      expect([alg, await answers(`${head}.${body}.${signature}`)]).toEqual([alg, refused]);
    }
  });

  it('are refused when the key is one that they bring, or name by a trick', async () => {
    const own = 'a-secret-that-the-forger-has-thought-of';
    const jwk = { kty: 'oct', k: Buffer.from(own).toString('base64url') };
    const kids = [
      '',
      '/dev/null',
      '../../dev/null',
      'test\u0000',
      "' OR '1'='1",
      '__proto__',
      'constructor',
      '0',
      'TEST',
    ];
    for (const kid of kids) {
      expect([kid, await answers(signed({ keyid: kid }, own))]).toEqual([kid, refused]);
      expect([kid, await answers(signed({ keyid: kid }))]).toEqual([kid, refused]);
    }
    const heads = [
      { jwk },
      { jku: 'http://127.0.0.1:1/k' },
      { x5u: 'http://127.0.0.1:1/k' },
      { x5c: ['x'] },
    ];
    for (const more of heads) {
      const options = { header: { alg: 'HS256', kid: 'test', ...more } };
      expect(await answers(signed(options, own))).toEqual(refused);
    }
    for (const kid of [null, ['test'], { toString: 'test' }, 0, true]) {
      const [, body = '', signature = ''] = signed({}).split('.');
      const head = header({ alg: 'HS256', typ: 'JWT', kid });
      expect([kid, await answers(`${head}.${body}.${signature}`)]).toEqual([kid, refused]);
    }
  });

  it('are refused when their time is over, or not stated', async () => {
    const expired = ['TOKEN_EXPIRED', 'TOKEN_EXPIRED', 'TOKEN_EXPIRED'];
    expect(await answers(signed({ expiresIn: -1 }))).toEqual(expired);
    const eternal = jwt.sign(claims, QUEUE_SECRET, { keyid: 'test', subject });
    expect((await answers(eternal))[0]).toBe('TOKEN_INVALID');
  });
});

/** The shop's tokens: ES256 with a key of its published set. */
describe("a shop's token", () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  let shop: ShopKeys;
  let stack: Stack;
  let subject: string;
  beforeAll(async () => {
    const keys = [
      { ...publicKey.export({ format: 'jwk' }), kid: 'shop', use: 'sig' },
      { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'rsa', use: 'sig' },
    ];
    shop = await serveShopKeys(() => ({ status: 200, body: JSON.stringify({ keys }) }));
    stack = await startStack({ env: shop.env });
    subject = String((await stack.customers(1))[0]);
  });
  afterAll(async () => {
    await stack.close();
    shop.close();
  });

  const signed = (key: jwt.Secret, algorithm: jwt.Algorithm, keyid: string) =>
    jwt.sign({}, key, { algorithm, keyid, subject, expiresIn: 60 });
  async function answer(token: string) {
    const { status, body } = await stack.api
      .get('/reservation')
      .set('Authorization', `Bearer ${token}`);
    return body.code ?? status;
  }

  it('is believed under ES256 and the key that it names, and in no other way', async () => {
    expect(await answer(signed(privateKey, 'ES256', 'shop'))).toBe(200);
    const pem = publicKey.export({ format: 'pem', type: 'spki' });
    const confused = createSecretKey(Buffer.from(pem));
    const forger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    for (const token of [
      signed(confused, 'HS256', 'shop'),
      signed(rsa.privateKey, 'RS256', 'rsa'),
      signed(rsa.privateKey, 'PS256', 'rsa'),
      signed(forger, 'ES256', 'shop'),
      signed(forger, 'ES256', 'unknown'),
      signed(privateKey, 'ES256', 'rsa'),
      `${header({ alg: 'none', kid: 'shop' })}.${header({ sub: subject, exp: 4e9 })}.`,
      // Foyer's own secret speaks for places only.
      jwt.sign({ use: 'identity' }, QUEUE_SECRET, { keyid: 'test', subject, expiresIn: 60 }),
    ]) {
      expect(await answer(token)).toBe('TOKEN_INVALID');
    }
  });
});
