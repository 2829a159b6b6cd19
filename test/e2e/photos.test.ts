import { createHash, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { ACCESS } from '../../lib/access.ts';
import type { JsonObject } from '../../src/protocol/json.ts';
import { citizen, fresh, invoke, officer, stranger, type Person } from '../support/people.ts';

const TIMEOUT = { timeout: 20_000 };
const sha256 = (bytes: Uint8Array, encoding: 'hex' | 'base64' = 'hex') => createHash('sha256').update(bytes).digest(encoding);

type Link = { url: string; method: string; headers: Record<string, string>; expires_at: string };

async function announce(person: Person, bytes: Uint8Array, more: JsonObject = {}) {
  const body = { client_id: fresh('photo'), content_type: 'image/jpeg', size: bytes.length, sha256: sha256(bytes), ...more };
  const answer = await person.api.request('POST', 'sync/attachments', { body });
  return { ...answer, given: body, told: answer.body as { attachment_id: string; state: string; upload: Link | null } & JsonObject };
}

async function send({ url, method, headers }: Link, bytes: Uint8Array, more: Record<string, string> = {}): Promise<number> {
  return (await fetch(url, { method, headers: { ...headers, ...more }, body: new Uint8Array(bytes) })).status;
}

async function see(person: Person, id: string, entityId: string): Promise<Buffer | number> {
  const { status, body } = await person.api.request('GET', `sync/attachments/${id}`, { query: { entity_id: entityId } });
  if (status !== 200) return status;
  const { url, expires_at: end } = body as { url: string; expires_at: string };
  expect(Date.parse(end) - Date.now()).toBeLessThanOrEqual(300_000);
  return Buffer.from(await (await fetch(url)).arrayBuffer());
}

describe('a photo', () => {
  it('is seen by its author and the officers of its report once it came, and by nobody else', async () => {
    const department = fresh('roads');
    const [alice, bob, olga, otto] = [await citizen(), await citizen('bob'), await officer(department), await officer('parks')];
    const bytes = randomBytes(300_000);
    const { status, told } = await announce(alice, bytes, { sha256: sha256(bytes, 'base64') });
    expect({ status, told }).toMatchObject({ status: 200, told: { success: true, state: 'awaited', upload: { method: 'PUT' } } });
    const id = told.attachment_id;
    const phone = alice.phone();
    const report = phone.create('report', { title: 'Pothole', category: department, photos: [id] }).client_id;
    expect((await phone.sync())?.results).toMatchObject([{ status: 'success' }]);
    expect(phone.holdings.find('report', report)).toMatchObject({ photos: [id], attachment_states: { [id]: 'awaited' } });
    expect(await see(alice, id, report)).toBe(404);

    expect(await send(told.upload!, bytes)).toBe(200);
    const desk = olga.phone();
    await expect.poll(async () => (await desk.pull(), desk.holdings.find('report', report)), TIMEOUT).toMatchObject({ attachment_states: { [id]: 'ready' } });
    await phone.pull();
    expect(phone.holdings.find('report', report)).toMatchObject({ version: 2, attachment_states: { [id]: 'ready' } });
    for (const who of [alice, olga]) expect(bytes.equals((await see(who, id, report)) as Buffer)).toBe(true);
    expect(bytes.equals((await see(olga, id, String(phone.holdings.find('report', report)?.id))) as Buffer)).toBe(true);
    for (const who of [bob, otto]) expect(await see(who, id, report)).toBe(404);

    // What is foreign answers like what never was.
    const words = async (who: Person, path: string) => {
      const { request_id: _, ...body } = (await who.api.request('GET', path)).body as JsonObject;
      return body;
    };
    expect(await words(bob, `sync/attachments/${id}?entity_id=${report}`)).toEqual(await words(alice, 'sync/attachments/none?entity_id=none'));
    expect((await stranger().request('GET', `sync/attachments/${id}?entity_id=${report}`)).status).toBe(401);

    phone.delete('report', report);
    await phone.sync();
    expect(await see(alice, id, report)).toBe(404);
  });

  it('is told as refused when something else lies in its place, which no link could have put there', async () => {
    const alice = await citizen();
    const bytes = randomBytes(64);
    const { told } = await announce(alice, bytes);
    const upload = told.upload!;
    expect(await send(upload, randomBytes(64))).toBe(400);
    expect(await send(upload, randomBytes(65))).toBe(403);
    expect(await send(upload, bytes, { 'content-type': 'text/html' })).toBe(403);
    expect(await send({ ...upload, url: upload.url.replace('X-Amz-Expires=300', 'X-Amz-Expires=3000') }, bytes)).toBe(403);
    expect(await send({ ...upload, headers: {} }, bytes)).toBe(403);
    expect(await send(upload, bytes)).toBe(200);
  });

  it('is announced once: the same again gives a fresh link, then says that it is here; other content is refused', async () => {
    const alice = await citizen();
    const bytes = randomBytes(1000);
    const first = await announce(alice, bytes);
    const second = await announce(alice, bytes, { client_id: first.given.client_id });
    expect(second.told).toMatchObject({ attachment_id: first.told.attachment_id, state: 'awaited', upload: { method: 'PUT' } });
    expect(await send(second.told.upload!, bytes)).toBe(200);
    await expect.poll(async () => (await announce(alice, bytes, { client_id: first.given.client_id })).told, TIMEOUT).toMatchObject({ state: 'ready', upload: null });
    for (const more of [{ size: 999 }, { content_type: 'image/png' }, { sha256: sha256(randomBytes(3)) }]) {
      expect(await announce(alice, bytes, { client_id: first.given.client_id, ...more })).toMatchObject({ status: 409, told: { code: 'client_id_reused' } });
    }
  });

  it('whose arrival nobody was told of is found by the run of the minute', async () => {
    const alice = await citizen();
    const { told } = await announce(alice, randomBytes(10));
    const phone = alice.phone();
    const report = phone.create('report', { title: 'Pothole', category: 'roads', photos: [told.attachment_id] }).client_id;
    await phone.sync();
    // An event of something else, of another bucket, and of nothing that came: none of them says anything of it.
    for (const key of [`photos/${told.attachment_id}`, 'incoming/../x', `incoming/${told.attachment_id}`]) {
      await invoke('attachment-check', { detail: { bucket: { name: 'other' }, object: { key } } });
    }
    expect(await see(alice, told.attachment_id, report)).toBe(404);
    expect(await invoke('attachment-check', {})).toMatchObject({ failed: 0 });
  });
});

describe('an announcement', () => {
  it.each([
    ['too large', { size: 10 * 1024 * 1024 + 1 }, '/size'],
    ['empty', { size: 0 }, '/size'],
    ['of a type that is no picture', { content_type: 'text/html' }, '/content_type'],
    ['with a checksum that is none', { sha256: 'abc' }, '/sha256'],
    ['without a client_id', { client_id: null }, '/client_id'],
  ])('%s is refused, with a pointer', async (_, more, pointer) => {
    const alice = await citizen();
    expect(await announce(alice, randomBytes(1), more as JsonObject)).toMatchObject({ status: 422, told: { code: 'validation_failed', errors: [{ pointer }] } });
  });

  it('of the largest photo is taken, and all of it comes back', async () => {
    const alice = await citizen();
    const bytes = randomBytes(10 * 1024 * 1024);
    const { told } = await announce(alice, bytes, { content_type: 'image/heic' });
    expect(await send(told.upload!, bytes)).toBe(200);
    const phone = alice.phone();
    const report = phone.create('report', { title: 'Large', category: 'roads', photos: [told.attachment_id] }).client_id;
    await phone.sync();
    // Told by length and hash: comparing ten million elements takes the test runner seconds.
    const seen = async () => {
      const found = await see(alice, told.attachment_id, report);
      return typeof found === 'number' ? found : sha256(found);
    };
    await expect.poll(seen, TIMEOUT).toBe(sha256(bytes));
  });

  it('of someone else can be added to no report, and is refused like one that never was', async () => {
    const [alice, bob] = [await citizen(), await citizen('bob')];
    const { told } = await announce(alice, randomBytes(1));
    const refusals: unknown[] = [];
    for (const id of [told.attachment_id, 'never-announced']) {
      const { results } = await bob.upload([{ client_id: fresh('c'), data: { title: 'Mine', category: 'roads', photos: [id] } }]);
      refusals.push(results[0]?.error);
    }
    expect(refusals[0]).toMatchObject({ code: 'validation_failed', errors: [{ pointer: '/actions/0/data/photos', code: 'unknown_attachment' }] });
    expect(refusals[1]).toEqual(refusals[0]);
  });
});

describe('the logs', () => {
  it('hold no links, no keys of objects and no ids of photos', async () => {
    const { dataDir, port } = inject('stack');
    const alice = await citizen();
    const { told } = await announce(alice, randomBytes(5));
    await see(alice, told.attachment_id, 'none');
    await invoke('attachment-check', {});
    const log = await readFile(join(dataDir, `functions-${port}.log`), 'utf8');
    for (const name of ['attachments', 'attachment-check'] satisfies (keyof typeof ACCESS)[]) expect(log).toContain(name);
    for (const text of [told.attachment_id, 'X-Amz-', 'incoming/', alice.sub]) expect(log).not.toContain(text);
  });
});
