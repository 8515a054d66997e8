import { once } from 'node:events';
import { createServer } from 'node:http';

/** A shop's server of the keys that it signs its customers' tokens with. */
export interface ShopKeys {
  /** As the environment names it. */
  env: { CUSTOMER_AUTH: 'jwt'; CUSTOMER_JWKS_URL: string };
  close(): void;
}

/** @param answer what it answers now */
export async function serveShopKeys(
  answer: () => { status: number; body: string },
): Promise<ShopKeys> {
  const server = createServer((_, response) => {
    const { status, body } = answer();
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    env: { CUSTOMER_AUTH: 'jwt', CUSTOMER_JWKS_URL: `http://127.0.0.1:${port}/keys` },
    close: () => void server.close(),
  };
}
