import { admin } from '../support/stack.ts';
import type { Call, Contract } from './harness.ts';

/** Rooms, as operators see them. */
export function roomContract(contract: Contract): void {
  const { ok, refused, enter } = contract;

  it('serves the rooms to admins', async () => {
    const roomId = `contract-${Date.now()}`;
    const path = `/admin/rooms/${roomId}`;
    const create: Call = {
      method: 'post',
      path: '/admin/rooms',
      headers: admin,
      body: { roomId, name: 'A room', capacity: 0 },
    };
    expect((await ok(create)).body).toMatchObject({
      roomId,
      version: 1,
      capacity: 0,
      state: 'OPEN',
      admitPerMinute: null,
      graceSeconds: 240,
    });
    await refused('ALREADY_EXISTS', create);
    await ok({ method: 'get', path: '/admin/rooms', headers: admin });
    await ok({ method: 'get', path, headers: admin });
    await ok({
      method: 'patch',
      path,
      headers: { ...admin, 'If-Match': '"1"' },
      body: { capacity: 1, title: '<b>ok</b>', colour: '#00aa00' },
    });
    const conflict = await refused('VERSION_CONFLICT', {
      method: 'patch',
      path,
      headers: admin,
      body: { version: 1, capacity: 2 },
    });
    expect(conflict.body.version).toBe(2);
    await ok({ method: 'get', path: `${path}/stats`, headers: admin });
    await ok({ method: 'get', path: `${path}/curves`, headers: admin });
    const tried = `${path}/estimate?capacity=7&admitPerMinute=none`;
    expect((await ok({ method: 'get', path: tried, headers: admin })).body).toEqual({
      now: null,
      changed: null,
    });
    const wrong = `${path}/estimate?capacity=-1`;
    await refused('ILLEGAL_ARGUMENTS', { method: 'get', path: wrong, headers: admin });
    await refused('ROOM_NOT_FOUND', {
      method: 'get',
      path: '/admin/rooms/no-such-room/estimate',
      headers: admin,
    });
    const [a, b] = await contract.stack.customers(2);
    if (!a || !b) throw new Error('two customers');
    await contract.stack.activate(roomId, a);
    await ok(enter(b, roomId));
    const admitted = await ok({
      method: 'post',
      path: `${path}/admit`,
      headers: admin,
      body: { count: 1 },
    });
    expect(admitted.body).toEqual({ admitted: 0 });
    const place = await ok({ method: 'get', path: `${path}/places/${b}`, headers: admin });
    expect(place.body).toMatchObject({ status: 'WAITING', waitingNumber: 1 });
    await ok({ method: 'delete', path: `${path}/places/${b}`, headers: admin });
    await refused('NOT_FOUND', { method: 'delete', path: `${path}/places/${b}`, headers: admin });
    const stream = await fetch(`${contract.stack.url}${path}/stream`, { headers: admin });
    const reader = stream.body?.getReader();
    let text = '';
    while (!text.includes('data: '))
      text += new TextDecoder().decode((await reader?.read())?.value);
    await reader?.cancel();
    expect(text).toContain('"waiting":0');
    contract.walked.add('streamRoomStats');
  });
}
