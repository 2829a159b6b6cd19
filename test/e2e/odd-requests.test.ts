import { connect } from 'node:net';
import { describe, expect, inject, it } from 'vitest';
import { Api } from '../../local/demo/api.ts';
import { action, fresh, PATIENT, tokenFor } from '../support/people.ts';
import type { UploadBody } from '../../local/demo/phone.ts';

const HEALTH = 'GET /healthz HTTP/1.1\r\nHost: x\r\n';
const UPLOAD = 'POST /api/v1/sync/upload HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';

/** Sends these bytes and gives the status of every answer that comes before the server closes the connection. */
function statusesFor(text: string): Promise<number[]> {
  return new Promise((resolve) => {
    const socket = connect(inject('stack').port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve([...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status))));
    socket.write(text, 'latin1');
  });
}

describe('a request that two servers could read differently gets one answer, a refusal', () => {
  it.each([
    ['with length and chunks', `${UPLOAD}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${HEALTH}\r\n`],
    ['with two lengths', `${UPLOAD}Content-Length: 0\r\nContent-Length: 44\r\n\r\n${HEALTH}\r\n`],
    ['with an unheard coding', `${UPLOAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
    ['with a space before the colon', `${UPLOAD}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`],
    ['with a negative length', `${UPLOAD}Content-Length: -1\r\n\r\n`],
    ['with a length in hexadecimal', `${UPLOAD}Content-Length: 0x2\r\n\r\n{}`],
    ['with lines that end otherwise', 'GET /healthz HTTP/1.1\nHost: x\n\n'],
    ['with a folded header', `${UPLOAD}Authorization: Bearer\r\n x\r\nContent-Length: 2\r\n\r\n{}`],
    ['with a null in a header', `${HEALTH}X: a\u0000b\r\n\r\n`],
    ['without a host', 'GET /healthz HTTP/1.1\r\n\r\n'],
    ['with headers beyond all measure', `${HEALTH}X: ${'x'.repeat(20_000)}\r\n\r\n`],
  ])('%s', async (_, text) => {
    const statuses = await statusesFor(text);
    expect(statuses).toHaveLength(1);
    expect(statuses[0]).toBeGreaterThanOrEqual(400);
    expect(statuses[0]).toBeLessThan(500);
  });

  it('and the next one is answered as ever', async () => {
    expect(await statusesFor(`${HEALTH}Connection: close\r\n\r\n`)).toEqual([200]);
  });
});

it.each(['__proto__', 'constructor', 'toString'])('%s is an id like any other, for users, devices, actions, records and departments', async (id) => {
  const slug = fresh(id.replaceAll('_', '').toLowerCase());
  // The bare name, once per run of a stack: everything below it is found by it.
  const api = new Api(inject('stack').url, await tokenFor({ sub: id, role: 'officer', departments: [slug, 'constructor'] }));
  const record = fresh(id);
  const upload = (device: string, given: Parameters<typeof action>[0]) => api.upload({ device_id: device, actions: [action(given)] } as UploadBody, PATIENT);
  await upload(id, { client_id: id, action_type: 'update_profile', entity_type: 'profile', data: { name: id } });
  const [made] = (await upload(id, { client_id: record, data: { title: 'Old', category: slug } })).results;
  expect(made).toMatchObject({ status: 'success', home: `user:${id}` });
  const version = made?.version ?? 0;
  const edit = (title: string) => ({ action_type: 'update_report', entity_id: record, base_version: version, data: { title } });
  await upload(id, edit('One'));
  const { conflicts } = await upload('other', edit('Two'));
  const { record: settled } = await api.resolve({ conflict_id: conflicts[0]?.id ?? '', strategy: 'client_wins' });
  expect(settled).toMatchObject({ title: 'Two', created_by: id });
  const page = await api.download({ device_id: id, limit: 1000 });
  expect(Object.keys(page.scopes)).toEqual(expect.arrayContaining([`user:${id}`, 'department:constructor', `department:${slug}`]));
  expect(page.data['profile']).toEqual([expect.objectContaining({ entity_id: id, name: id })]);
  expect(await api.status(id)).toMatchObject({ pending_uploads: 0, failed_uploads: 0 });
});
