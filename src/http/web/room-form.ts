import type { Request, Response } from 'express';
import { z } from 'zod';
import { AppError } from '../../platform/errors.ts';
import type { Services } from '../../services.ts';
import { enterRoom } from '../entering.ts';
import { pathId } from '../schemas.ts';

const fields = z.object({
  customerId: z.string().optional(),
  identity: z.string().optional(),
  plain: z.string().optional(),
});

/**
 * A form that joins the line: a browser without script sends its customer number (open mode), or the shop's
 * page sends its visitor here with the customer's JWT in the field `identity` (jwt mode), so that it stands in
 * no URL, log or history.
 *
 * No cookie is read, so no other site can spend a visitor's standing here: the JWT proves itself, and a bare
 * number is only taken from a page of this host.
 *
 * @returns where the browser goes on
 * @throws ILLEGAL_ARGUMENTS, FORBIDDEN, and what entering throws
 */
export async function joinByForm(
  exchange: { services: Services; request: Request; response: Response },
  roomId: string,
): Promise<string> {
  const { services, request } = exchange;
  const form = fields.safeParse(request.body ?? {});
  if (!form.success) throw new AppError('ILLEGAL_ARGUMENTS');
  const customerId =
    services.config.customerAuth === 'jwt'
      ? await fromIdentity(services, form.data.identity)
      : await fromNumber(exchange, form.data.customerId);
  const { cookie } = await enterRoom(exchange, { roomId, customerId });
  exchange.response.appendHeader('Set-Cookie', cookie);
  // The script of the page takes the place over from the cookie, and takes the fragment away.
  return form.data.plain ? `/rooms/${roomId}/plain` : `/rooms/${roomId}#joined`;
}

async function fromIdentity(services: Services, identity: string | undefined): Promise<number> {
  if (!identity) throw new AppError('UNAUTHENTICATED');
  return (await services.identities.verify(identity)).customerId;
}

async function fromNumber(
  { services, request }: { services: Services; request: Request },
  text: string | undefined,
): Promise<number> {
  if (!isOwn(request)) throw new AppError('FORBIDDEN');
  const customerId = pathId.safeParse(text?.trim());
  if (!customerId.success) throw new AppError('ILLEGAL_ARGUMENTS');
  await services.catalog.customers.requireActive(customerId.data);
  return customerId.data;
}

/** Whether a page of this host sent it: browsers say so, and pages cannot make them lie. */
function isOwn(request: Request): boolean {
  const site = request.get('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin';
  const origin = request.get('origin');
  return origin !== undefined && URL.canParse(origin) && new URL(origin).host === request.host;
}
